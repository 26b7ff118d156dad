// The statement desk: put a fact's mark where one is writing, and show where a check found something.
"use strict";
document.addEventListener("click", (event) => {
  const insert = event.target.closest("[data-insert]"), locate = event.target.closest("[data-locate]");
  if (insert) {
    const box = document.querySelector(insert.dataset.insert);
    box.setRangeText(insert.dataset.words, box.selectionStart, box.selectionEnd, "end");
    box.focus();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (locate) {
    const box = document.querySelector(locate.dataset.locate);
    // The desk counts characters, the browser UTF-16 units; a textarea's newline is one of each.
    const units = (count) => [...box.value].slice(0, Number(count)).join("").length;
    box.focus();
    box.setSelectionRange(units(locate.dataset.from), units(locate.dataset.to));
    box.scrollIntoView({ block: "nearest" });
  }
});

// --- what is typed stays in this browser until the desk has said that it is saved -------------------------------------
(() => {
  const form = document.querySelector("form[data-autosave]"), kept = document.getElementById("kept");
  if (!kept) return;
  const key = `draft:${kept.dataset.keep}`, words = kept.dataset;
  const boxes = () => [...form.querySelectorAll("input[name=title], input[name=change_note], textarea")];
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
    const there = form ? Object.fromEntries(boxes().map((box) => [box.name, box.defaultValue])) : null;
    const mine = `${before.fields.title}\n${before.fields.text}`;
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
    kept.hidden = true;
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
      document.querySelector(".desk-tabs [value=checks]").checked = true;
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

// --- how long the text for a channel is, in the channel's own counting: response/channels/words.py -------------------
(() => {
  const weibo = (text) => {
    const links = text.match(/https?:\/\/[!-~]+/g) || [];
    const rest = text.replace(/https?:\/\/[!-~]+/g, "");
    let sum = links.length * 10;
    for (let i = 0; i < rest.length; i++) sum += rest.charCodeAt(i) < 128 ? .5 : 1;   // UTF-16 units: an emoji is two
    return Math.ceil(sum);
  };
  document.addEventListener("input", (event) => {
    const name = event.target.dataset.counts;
    if (!name) return;
    const at = document.getElementById(`count-${name}`), text = event.target.value.trim().replace(/[[［]\s*[FfＦｆ]\s*\d{1,3}\s*[\]］]/g, "");
    const count = text ? (name === "weibo" ? weibo(text) : [...text].length) : Number(at.dataset.made);
    at.textContent = `${count} / ${at.dataset.limit}`;
    at.classList.toggle("error", count > Number(at.dataset.limit));
  });
})();
