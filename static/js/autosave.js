// What is typed into a draft that saves itself stays in this browser until the desk has said that it is saved.
// The form is [data-autosave] with #id_version; `_kept.html` stands on its page and says which fields are its words.
"use strict";
(() => {
  const form = document.querySelector("form[data-autosave]"), kept = document.getElementById("kept");
  if (!kept) return;
  const key = `draft:${kept.dataset.keep}`, words = kept.dataset;
  const boxes = () => [...form.elements].filter((box) => box.name && !["hidden", "submit", "button"].includes(box.type));
  const stood = (box) => box.options ? [...box.options].find((one) => one.defaultSelected)?.value ?? box.options[0].value : box.defaultValue;
  const typed = () => Object.fromEntries(boxes().map((box) => [box.name, box.value]));
  const plain = (text) => (text || "").replace(/\r\n?/g, "\n").replace(/\t/g, " ").trim();
  const same = (a, b) => Object.keys({ ...a, ...b }).every((name) => plain(a[name]) === plain(b[name]));
  const read = () => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
  const forget = () => localStorage.removeItem(key);
  const say = (text, warns) => { const at = document.getElementById("saved-at"); at.textContent = text; at.classList.toggle("error", warns); };
  const keep = () => {
    const state = { version: document.getElementById("id_version").value, number: words.number, fields: typed() };
    try { localStorage.setItem(key, JSON.stringify(state)); } catch { /* a full or closed store: the page itself still holds it */ }
  };

  const before = read();
  if (before) {
    const there = form ? Object.fromEntries(boxes().map((box) => [box.name, stood(box)])) : null;
    const mine = words.fields.split(" ").map((name) => plain(before.fields[name])).filter(Boolean).join("\n");
    const unchanged = there ? same(before.fields, there) : plain(mine) === plain(document.getElementById("kept-theirs").value);
    if (unchanged) forget();
    else if (form && before.number === words.number && before.version === words.version) takeUp();
    else {
      document.getElementById("kept-mine").value = mine;
      kept.hidden = false;
    }
  }
  function takeUp() {
    for (const box of boxes()) if (before.fields[box.name] !== undefined) box.value = before.fields[box.name];
    const now = typed();   // a row that has no place here any more stays to be read
    kept.hidden = !Object.keys(before.fields).some((name) => before.fields[name] && !(name in now));
    form.dataset.dirty = "";
    say(words.wordsRestored, true);
    keep();
    addEventListener("load", () => htmx.trigger(form, "autosave"), { once: true });
    if (document.readyState === "complete") htmx.trigger(form, "autosave");
  }
  document.getElementById("kept-take")?.addEventListener("click", takeUp);
  document.getElementById("kept-drop").addEventListener("click", () => { forget(); kept.hidden = true; });
  if (!form) return;

  let sent = null, lost = null, waits = null;   // lost: sent, and nobody knows whether it arrived
  form.addEventListener("input", () => { keep(); say(words.wordsSaving, false); });
  form.addEventListener("htmx:beforeRequest", () => { sent = { version: document.getElementById("id_version").value, fields: typed() }; });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) {
      clearTimeout(waits);
      if (same(sent.fields, typed())) forget(); else keep();
      return;
    }
    if (event.detail.xhr.status === 409) {   // both texts stand beside the sheet; a retry would only lose again
      say(words.wordsKept, true);
      const tab = document.querySelector(".desk-tabs [value=checks]");
      if (tab) tab.checked = true;
      return;
    }
    later();
  });
  form.addEventListener("htmx:sendError", (event) => { event.stopPropagation(); lost = sent; later(); });   // said quietly beside the title, not in a toast each time
  function later() {
    keep();
    say(words.wordsKept, true);
    clearTimeout(waits);
    waits = setTimeout(again, 10000);
  }
  async function again() {
    if (lost) {   // first the very same words: had they arrived, the desk says so and gives the version that follows
      const data = new FormData(form);
      for (const [name, value] of Object.entries({ ...lost.fields, version: lost.version })) data.set(name, value);
      try {
        const answer = await fetch(form.action, { method: "POST", body: data, headers: { "HX-Request": "true" } });
        const next = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("id_version");
        if (next) document.getElementById("id_version").value = next.value;
      } catch { later(); return; }
      lost = null;
    }
    htmx.trigger(form, "autosave");
  }
  addEventListener("online", () => { if (read()) again(); });
})();
