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
