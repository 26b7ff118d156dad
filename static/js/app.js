// The desk in the browser: keys, lists, toasts, polling, counts, copying, guards. No framework, nothing inline, no eval.
"use strict";
(() => {
  const root = document.documentElement, body = document.body, words = body.dataset;
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const on = (type, act, target = document, capture = false) => target.addEventListener(type, act, capture);
  const shown = (el) => el.getClientRects().length > 0 && !el.disabled;
  const typing = (el) => el.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

  // --- toasts: ten seconds, longer while looked at; errors stay ------------------------------------------------------
  function say(text, kind = "info") {
    const toast = document.createElement("div");
    toast.className = `toast ${kind}`;
    toast.dataset.toast = "";
    if (kind === "error") toast.setAttribute("role", "alert");
    const span = toast.appendChild(document.createElement("span"));
    span.textContent = text;
    const close = toast.appendChild(document.createElement("button"));
    close.type = "button";
    close.dataset.close = "";
    close.textContent = words.wordsClose;
    $("#toasts").append(toast);
    wakeToasts();
  }
  window.deskSays = say;
  function wakeToasts() {
    for (const toast of $$("[data-toast]:not([data-awake])")) {
      toast.dataset.awake = "";
      const undo = $("form", toast), close = $("[data-close]", toast);
      if (!undo) close.hidden = false;
      if (toast.classList.contains("error")) continue;
      let left = 10;
      const clock = setInterval(() => {
        if (!toast.matches(":hover, :focus-within") && --left <= 0) { clearInterval(clock); toast.remove(); }
      }, 1000);
    }
  }

  // --- keys: every button with data-key is pressed by it; g and a letter goes somewhere ------------------------------
  const codes = { Slash: "/", Period: ".", Minus: "-", Equal: "=", Enter: "Enter", Escape: "Escape" };
  let goUntil = 0;
  function keyOf(event) {
    // A Chinese input method names every key "Process": the key's place on the board still tells which it was.
    if (event.key !== "Process" && event.keyCode !== 229) return event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.code === "Slash" && event.shiftKey) return "?";
    return codes[event.code] || event.code.replace(/^(Key|Digit)/, "").toLowerCase();
  }
  on("keydown", (event) => {
    if (event.isComposing) return;
    const box = typing(event.target);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      if (box && box.form) { event.preventDefault(); box.form.requestSubmit(); }
      return;
    }
    if (event.key === "Escape") return escape(event);
    if (words.shortcuts !== "on" || box || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
    const key = keyOf(event);
    if (goUntil > event.timeStamp) {
      goUntil = 0;
      const link = $(`[data-go="${CSS.escape(key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (key === "g") { goUntil = event.timeStamp + 1500; return; }
    if (key === "j" || key === "k") { if (step(key === "j" ? 1 : -1)) event.preventDefault(); return; }
    if (key === "o") { const item = here(); if (item) item.click(); return; }
    const pick = key === "x" && here() && $("[data-pick]", here().closest("tr, li"));   // the row in hand is chosen, or not
    if (pick) { pick.click(); return; }
    const targets = $$(`[data-key="${CSS.escape(key)}"]`).filter(shown);
    const target = targets.at("z/".includes(key) ? -1 : 0);   // the last act is undone first; a page's own search box counts
    if (!target) return;
    event.preventDefault();
    if (target.matches("input:not([type=checkbox], [type=radio]), textarea, select")) { target.focus(); if (target.select) target.select(); }
    else target.click();
  });
  function escape(event) {
    const open = $$("details.more[open]").pop();
    if (open) { open.open = false; $("summary", open).focus(); }
    else if (typing(event.target) && !$("dialog[open]")) event.target.blur();
  }
  on("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) showDialog(opener.dataset.dialog);
    const close = event.target.closest("[data-close]");
    if (close) close.closest("[data-toast]").remove();
    const copier = event.target.closest("[data-copy]");
    if (copier) copy(copier);
    for (const more of $$("details.more[open]")) if (!more.contains(event.target)) more.open = false;
  });
  function showDialog(id) {
    const dialog = document.getElementById(id), list = $("[data-keys-here]", dialog);
    if (list) {
      list.replaceChildren(...$$("[data-key]").filter((el) => shown(el) && !"?z".includes(el.dataset.key)).map((el) => {
        const row = document.createElement("li"), key = document.createElement("kbd");
        key.textContent = el.dataset.key.toUpperCase();
        const name = el.getAttribute("aria-label") || el.placeholder || [...el.childNodes].filter((n) => n.nodeName !== "KBD").map((n) => n.textContent).join("");
        row.append(name.trim(), key);
        return row;
      }));
      list.hidden = !list.childElementCount;
    }
    dialog.showModal();
  }

  // --- lists: [data-list] holds links; j and k walk, the one after a handled one is taken up -------------------------
  let place = 0, chosen = false;
  const items = () => $$("[data-list] a.post, [data-list] [data-item]").filter(shown);
  const here = () => items().find((item) => item.hasAttribute("aria-current") || item === document.activeElement);
  function take(item, list = items()) {
    for (const other of list) other.removeAttribute("aria-current");
    item.setAttribute("aria-current", "true");
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
    place = list.indexOf(item);
    chosen = true;
    if (item.closest("[data-list='open']")) item.click();   // the reader beside the list follows
  }
  function step(by) {
    const list = items();
    if (!list.length) return false;
    const now = list.indexOf(here());
    take(list[now < 0 ? Math.min(place, list.length - 1) : Math.min(Math.max(now + by, 0), list.length - 1)], list);
    return true;
  }
  on("click", (event) => {
    const item = event.target.closest("[data-list] a.post, [data-list] [data-item]");
    if (!item || !item.hasAttribute("hx-get")) return;
    const list = items();
    for (const other of list) other.removeAttribute("aria-current");
    item.setAttribute("aria-current", "true");
    place = list.indexOf(item);
    chosen = true;
  });
  let reading = null;
  on("htmx:beforeRequest", (event) => {
    if (!event.target.matches("[data-list] a[href]")) return;
    if (matchMedia("(max-width: 60rem)").matches) {   // on a phone there is no reader beside the list: go to its page
      event.preventDefault();
      location.assign(event.target.href);
      return;
    }
    if (reading) reading.abort();   // the reader must never show another one than the list marks
    reading = event.detail.xhr;
  });

  // --- polling: 3 s for a minute after somebody did something, then 60 s, never while hidden --------------------------
  let lastTouch = performance.now();
  for (const type of ["pointerdown", "keydown", "scroll"]) addEventListener(type, () => { lastTouch = performance.now(); }, { passive: true });
  const pause = (fast) => (performance.now() - lastTouch < 60000 ? fast : 60) * 1000;
  async function fetchQuietly(url) {
    const answer = await fetch(url, { headers: { "X-Poll": "1", "HX-Request": "true" }, redirect: "error" });
    if (answer.status === 401) location.reload();  // the session is over: the page leads to sign-in
    if (!answer.ok) throw new Error(String(answer.status));
    return answer;
  }
  const jobs = [];
  const keepFresh = (el, fast, refresh) => jobs.push({ el, fast, refresh, last: performance.now(), busy: false });
  async function run(job) {
    job.busy = true;
    try { await job.refresh(); job.el.removeAttribute("data-stale"); }
    catch { if (job.el !== body) job.el.dataset.stale = words.wordsStale; }
    Object.assign(job, { busy: false, last: performance.now() });
  }
  setInterval(() => {
    if (document.hidden) return;
    for (const job of [...jobs]) {
      if (!job.el.isConnected) jobs.splice(jobs.indexOf(job), 1);
      else if (!job.busy && performance.now() - job.last >= pause(job.fast)) run(job);
    }
  }, 1000);
  function wakePolls() {
    for (const el of $$("[data-poll-url]:not([data-polled])")) {
      el.dataset.polled = "";
      let last = null;
      keepFresh(el, 3, async () => {
        const text = await (await fetchQuietly(el.dataset.pollUrl)).text();
        const busy = el.contains(document.activeElement) && typing(document.activeElement);
        if (text === last || busy) return;
        last = text;
        htmx.swap(el, text, { swapStyle: el.dataset.pollSwap || "innerHTML" });
      });
    }
  }
  const title = document.title, favicon = $("link[rel=icon]"), calm = favicon && favicon.href;
  function showCounts({ counts, needs_me: mine }) {
    for (const el of $$("[data-count]")) {
      const n = counts[el.dataset.count];
      if (n === undefined) continue;
      el.textContent = n || "";
      el.classList.toggle("hot", n > 0 && "hot" in el.dataset);
    }
    document.title = mine ? `(${mine}) ${title}` : title;
    favicon.href = mine ? favicon.dataset.hot : calm;
  }
  if (words.countsUrl) {
    const hot = $$(".rail [data-hot]").reduce((sum, el) => sum + Number(el.textContent || 0), 0);
    showCounts({ counts: {}, needs_me: hot });
    keepFresh(body, 15, async () => showCounts(await (await fetchQuietly(words.countsUrl)).json()));
  }

  // --- forms: send once, do not lose what was typed -----------------------------------------------------------------
  on("submit", (event) => {   // in the capturing phase, before htmx hears of it
    const form = event.target;
    if (form.getAttribute("aria-busy") === "true") { event.preventDefault(); event.stopImmediatePropagation(); }
    else if (form.matches("[data-theme-switch]")) switchTheme(event);
    else delete form.dataset.dirty;
  }, window, true);
  on("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog") return;
    form.setAttribute("aria-busy", "true");
    setTimeout(() => form.removeAttribute("aria-busy"), 8000);   // an answer that is a download leaves the page standing
  }, window);
  addEventListener("pageshow", () => { for (const form of $$("form[aria-busy]")) form.removeAttribute("aria-busy"); });
  on("htmx:beforeRequest", (event) => {   // a form that saves itself while somebody types is not busy
    if (event.target.matches("form") && event.detail.requestConfig.triggeringEvent?.type === "submit") event.target.setAttribute("aria-busy", "true");
  });
  on("htmx:afterRequest", (event) => {
    if (!event.target.matches("form")) return;
    event.target.removeAttribute("aria-busy");
    if (event.detail.successful) delete event.target.dataset.dirty;
  });
  on("input", (event) => {
    const form = event.target.form;
    if (form && form.matches("[data-guard]")) form.dataset.dirty = "";
    if (event.target.matches("textarea")) fit(event.target);
  });
  on("paste", (event) => {   // a copied picture goes to the files of the form it is pasted into, or of the page
    const box = $("input[type=file][data-paste]", event.target.closest?.("form") ?? document);
    if (!box || !event.clipboardData?.files.length) return;
    event.preventDefault();
    box.closest("details")?.setAttribute("open", "");
    const all = new DataTransfer();
    for (const file of [...box.files, ...event.clipboardData.files]) all.items.add(file);
    box.files = all.files;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  });
  addEventListener("beforeunload", (event) => { if ($("form[data-dirty]")) event.preventDefault(); });
  function fit(area) {
    if (CSS.supports("field-sizing", "content")) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  }
  function switchTheme(event) {
    event.preventDefault();
    root.dataset.theme = { auto: "dark", dark: "light", light: "auto" }[root.dataset.theme] || "dark";
    const data = new FormData(event.target);
    data.set("theme", root.dataset.theme);
    fetch(event.target.action, { method: "POST", body: data, headers: { "HX-Request": "true" } }).catch(() => say(words.wordsOffline, "error"));
  }
  async function copy(button) {
    const source = button.dataset.copy ? $(button.dataset.copy) : null;
    const text = source ? source.value ?? source.textContent : button.dataset.copyText;
    try { await navigator.clipboard.writeText(text.trim()); say(words.wordsCopied); }
    catch {  // no clipboard without TLS: select it, so that Ctrl+C works
      if (source) getSelection().selectAllChildren(source);
      say(words.wordsFailed, "error");
    }
  }

  // --- charts: the library comes only where a chart is --------------------------------------------------------------
  let loading = null;
  const load = (src) => new Promise((done, failed) => {
    const script = document.createElement("script");
    Object.assign(script, { src, onload: done, onerror: failed });
    document.head.append(script);
  });
  function wakeCharts() {
    if (!$("[data-chart]:not([data-drawn])")) return;
    loading ??= words.charts.trim().split(/\s+/).reduce((before, src) => before.then(() => load(src)), Promise.resolve());
    loading.then(() => window.drawCharts(), () => {
      for (const el of $$("[data-chart]")) { el.hidden = true; $("details", el.parentElement).open = true; }
    });
  }

  // --- on a phone the panels beside a page are folded: a header says how it stands, a touch shows the rest ------------
  function foldPanels() {
    if (!matchMedia("(max-width: 60rem)").matches) return;
    for (const heading of $$(".folding > .card > header > h2:not(:has(.fold))")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "fold";
      button.setAttribute("aria-expanded", "false");
      button.append(...heading.childNodes);
      heading.append(button);
    }
  }
  on("click", (event) => {
    const fold = event.target.closest(".fold");
    if (fold) fold.setAttribute("aria-expanded", String(fold.getAttribute("aria-expanded") === "false"));
  });

  // --- after a page or a fragment has come --------------------------------------------------------------------------
  function wake(from = document) {
    wakeToasts();
    wakePolls();
    wakeCharts();
    foldPanels();
    $$("textarea", from).forEach(fit);
    const wrong = $("[data-focus]:not([data-sample] *)", from);
    if (wrong) wrong.focus();
    const list = items();
    if (chosen && list.length && !list.some((item) => item.hasAttribute("aria-current"))) take(list[Math.min(place, list.length - 1)], list);
  }
  $(".subnav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });   // where one is, however far along the row
  on("htmx:afterSettle", (event) => wake(event.target));
  on("htmx:oobAfterSwap", wakeToasts);
  on("htmx:sendError", () => say(words.wordsOffline, "error"));
  on("htmx:responseError", (event) => { if (event.detail.xhr.status >= 500) say(words.wordsFailed, "error"); });
  wake();
})();
