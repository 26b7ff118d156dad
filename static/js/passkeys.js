// allauth's passkey scripts tell of a failure by an event: show the sentence that stands in the page.
"use strict";
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.getElementById("passkey-failed").hidden = false;
});
