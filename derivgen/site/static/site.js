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

  /* What a button does may make the page above or below it longer; the button stays where it is on the screen. */
  function still(button, act) {
    var before = button.getBoundingClientRect().top;
    act();
    window.scrollBy({ top: button.getBoundingClientRect().top - before, behavior: "instant" });
  }

  /* The steps and the answer of the derivation that buttons belong to; a card by several variables has buttons for each. */
  function parts(bar) {
    var found = [];
    for (var below = bar.nextElementSibling; below && !below.matches(".dg-tools"); below = below.nextElementSibling) {
      var steps = below.matches(".dg-way") ? below.querySelector(".dg-top") : below;
      if (steps.matches(".dg-top")) found = Array.from(steps.children);
      if (below.matches(".dg-answer")) return found.concat(below);
    }
    return found;
  }

  function folds(bar) {
    var found = [];
    for (var below = bar.nextElementSibling; below && !below.matches(".dg-answer"); below = below.nextElementSibling) {
      if (below.matches(".dg-way")) found.push(below);
      found = found.concat(Array.from(below.querySelectorAll(".dg-fold, .dg-more")));
    }
    return found;
  }

  /* What is folded opens: the steps, then the smaller steps; then all is as it was. */
  function all(button) {
    var bar = button.parentElement, found = folds(bar);
    var shut = function (kind) { return found.filter(function (fold) { return !fold.open && fold.matches(kind); }); };
    end(bar);
    var steps = shut(".dg-fold, .dg-way"), now = steps.length ? steps : shut(".dg-more");
    now.forEach(function (fold) { fold.open = true; fold.setAttribute("data-dg-shut", ""); });
    if (!now.length) found.forEach(function (fold) {
      if (fold.hasAttribute("data-dg-shut")) fold.open = false;
      fold.removeAttribute("data-dg-shut");
    });
    var closed = shut(".dg-fold, .dg-way").length;
    button.textContent = closed ? "Show all" : shut(".dg-more").length ? "Show smaller steps" : "Show less";
  }

  /* Step by step is over: all parts are there. */
  function end(bar) {
    var button = bar.querySelector("[data-dg=step]");
    bar.classList.remove("dg-stepping");
    if (button) button.textContent = "Step by step";
    parts(bar).forEach(function (part) { part.classList.remove("dg-later"); });
  }

  function step(button) {
    var bar = button.parentElement, found = parts(bar), next = found[0];
    if (!bar.classList.contains("dg-stepping")) {
      var head = document.querySelector(".md-header, .navbar.fixed-top, .navbar.sticky-top");
      bar.style.setProperty("--dg-top", (head ? head.offsetHeight : 0) + "px");
      bar.classList.add("dg-stepping");
      button.textContent = "Next step";
      found.forEach(function (part, k) { part.classList.toggle("dg-later", k > 0); });
    } else {
      next = found.find(function (part) { return part.classList.contains("dg-later"); });
      if (next) next.classList.remove("dg-later");
    }
    if (next) opened(next.querySelector(".dg-fold") || next);
    var left = found.filter(function (part) { return part.classList.contains("dg-later"); }).length;
    if (left) say(button, left + (left === 1 ? " part" : " parts") + " to come");
    else { end(bar); say(button, "That is all"); }
    return next;
  }

  /* Open all that is folded around an element, and the tab that it is in. */
  function opened(element) {
    for (var e = element; e; e = e.parentElement) {
      if (e.tagName === "DETAILS") e.open = true;
      if (e.classList.contains("dg-later")) e.classList.remove("dg-later");
      if (e.classList.contains("tabbed-block")) {
        var inputs = e.closest(".tabbed-set").querySelectorAll(":scope > input");
        var tab = inputs[Array.from(e.parentElement.children).indexOf(e)];
        if (tab) { tab.checked = true; tab.dispatchEvent(new Event("change", { bubbles: true })); }
      }
    }
  }

  /* What a link leads to is seen. */
  function arrive() {
    var name = location.hash.slice(1);
    try { name = decodeURIComponent(name); } catch (broken) { return; }
    var target = name && document.getElementById(name);
    if (!target || !target.closest(".derivgen, .dg-error")) return;
    var own = target.querySelector(":scope > .dg-fold, :scope > .dg-way, :scope > .dg-whole");
    if (target.checkVisibility && target.checkVisibility() && (!own || own.open)) return;
    opened(own || target);
    target.scrollIntoView();
  }
  window.addEventListener("hashchange", arrive);
  document.addEventListener("click", function (event) {
    var link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (link && link.hash && link.hash === location.hash) arrive();
  });
  if (window.document$) window.document$.subscribe(arrive);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", arrive);
  else arrive();

  document.addEventListener("click", function (event) {
    var button = event.target instanceof Element ? event.target.closest("button[data-dg]") : null;
    if (!button || !button.closest(".dg-card .dg-tools")) return;
    var does = button.getAttribute("data-dg"), next = null;
    if (does === "copy") copy(button);
    if (does === "all") still(button, function () { all(button); });
    if (does === "step") {
      still(button, function () { next = step(button); });
      if (next) next.scrollIntoView({ block: "nearest", behavior: "instant" });
    }
  });

  /* Some themes open all that is folded before it is printed: what is folded now stays so, whatever they do. Browsers that
     cannot unfold by style are told to print all. */
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll(".dg-card details:not([open])").forEach(function (d) {
      if (!d.matches(".dg-print-all :is(.dg-fold, .dg-more, .dg-way, .dg-whole)")) d.setAttribute("data-dg-folded", "");
    });
    document.querySelectorAll(".dg-print-all :is(.dg-fold, .dg-more, .dg-way, .dg-whole):not([open])").forEach(function (d) { d.setAttribute("data-dg-print", ""); d.open = true; });
  }, true);
  window.addEventListener("afterprint", function () {
    document.querySelectorAll("[data-dg-folded]").forEach(function (d) { d.removeAttribute("data-dg-folded"); });
    document.querySelectorAll("[data-dg-print]").forEach(function (d) { d.removeAttribute("data-dg-print"); d.open = false; });
  });
})();
