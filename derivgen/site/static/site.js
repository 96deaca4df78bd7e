/* Buttons of derivations. One listener for the whole page, so that it holds for pages that come in by instant navigation. */
(function () {
  "use strict";
  if (window.derivgenReady) return;
  window.derivgenReady = true;
  document.documentElement.classList.add("dg-js");

  function say(button, text) {
    var status = button.parentElement.querySelector(".dg-status");
    if (!status) return;
    status.textContent = text;
    window.setTimeout(function () { if (status.textContent === text) status.textContent = ""; }, 2500);
  }

  function byHand(text) {
    var field = document.createElement("textarea");
    field.value = text;
    field.setAttribute("readonly", "");
    field.style.position = "fixed";
    field.style.opacity = "0";
    document.body.appendChild(field);
    field.select();
    var done = document.execCommand("copy");
    field.remove();
    return done ? Promise.resolve() : Promise.reject(new Error("copy"));
  }

  function copy(button) {
    var text = button.getAttribute("data-copy") || "";
    var done = navigator.clipboard ? navigator.clipboard.writeText(text).catch(function () { return byHand(text); }) : byHand(text);
    done.then(function () { say(button, "Copied"); button.focus(); }, function () { say(button, "The browser does not let pages copy"); });
  }

  /* The steps and the answer above the button; a card by several variables has buttons for each. */
  function parts(button) {
    var found = [];
    var above = button.closest(".dg-tools").previousElementSibling;
    for (; above && !above.matches(".dg-tools"); above = above.previousElementSibling) {
      if (above.matches(".dg-top")) found = Array.from(above.children).concat(found);
      if (above.matches(".dg-answer")) found.unshift(above);
    }
    return found;
  }

  function step(button) {
    var all = parts(button);
    if (!button.hasAttribute("data-dg-on")) {
      button.setAttribute("data-dg-on", "");
      all.forEach(function (part, k) { part.classList.toggle("dg-later", k > 0); });
      button.textContent = "Next step";
    } else {
      var next = all.find(function (part) { return part.classList.contains("dg-later"); });
      if (next) next.classList.remove("dg-later");
    }
    var left = all.filter(function (part) { return part.classList.contains("dg-later"); }).length;
    if (left) {
      say(button, left + (left === 1 ? " part" : " parts") + " to come");
    } else {
      button.removeAttribute("data-dg-on");
      button.textContent = "Step by step";
      say(button, "That is all");
    }
  }

  document.addEventListener("click", function (event) {
    var button = event.target instanceof Element ? event.target.closest("button[data-dg]") : null;
    if (!button || !button.closest(".dg-card .dg-tools")) return;
    if (button.getAttribute("data-dg") === "copy") copy(button);
    if (button.getAttribute("data-dg") === "step") step(button);
  });

  /* What prints is whole; browsers that cannot unfold by style are told before they print. */
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll(".dg-more:not([open])").forEach(function (d) { d.setAttribute("data-dg-shut", ""); d.open = true; });
  });
  window.addEventListener("afterprint", function () {
    document.querySelectorAll("[data-dg-shut]").forEach(function (d) { d.removeAttribute("data-dg-shut"); d.open = false; });
  });
})();
