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
