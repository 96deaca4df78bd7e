/* The page: asks as one types, shows what comes, and keeps the question in the address. Nothing is stored but light or dark. */
(function () {
  "use strict";
  var form = document.getElementById("question"), status = document.getElementById("status");
  var reading = document.getElementById("reading"), trouble = document.getElementById("trouble"), card = document.getElementById("card"), answer = document.getElementById("answer");
  var controls = Array.from(form.querySelectorAll("[name]"));
  var expression = form.elements.namedItem("expression"), wrt = form.elements.namedItem("wrt"), where = form.elements.namedItem("where");
  var timer = 0, slow = 0, asking = null, letters = [];

  function element(tag, attributes, children) {
    var made = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (name) { made.setAttribute(name, attributes[name]); });
    (children || []).forEach(function (child) { made.append(child); });
    return made;
  }

  /* --- the question: from the form, from the address ------------------------------------------------------------ */

  function value(control) {
    if (control.type === "checkbox") return control.checked ? "yes" : "no";
    if (control.multiple) return Array.from(control.selectedOptions, function (o) { return o.value; }).join(", ");
    return control.value;
  }

  function chosen() {
    return controls.filter(function (c) { return c !== expression && value(c).trim() && value(c) !== c.dataset.default; });
  }

  function asked() {
    var options = {};
    chosen().forEach(function (c) {
      options[c.name] = "lines" in c.dataset ? value(c).split("\n").filter(function (line) { return line.trim(); }) : value(c);
    });
    return { expression: expression.value, options: options };
  }

  function address() {
    var said = new URLSearchParams();
    if (expression.value) said.set("expression", expression.value);
    chosen().forEach(function (c) { said.set(c.name, value(c)); });
    return "#" + said;
  }

  function fill(control, text) {
    if (control.type === "checkbox") control.checked = text === "yes";
    else if (control.multiple) Array.from(control.options).forEach(function (o) { o.selected = text.split(/[ ,]+/).includes(o.value); });
    else control.value = text;
    if (control.tagName === "SELECT" && control.selectedIndex < 0) control.value = control.dataset.default;
  }

  function load() {
    var said = new URLSearchParams(location.hash.slice(1));
    controls.forEach(function (c) { fill(c, said.has(c.name) ? said.get(c.name) : c.dataset.default); });
    if (chosen().some(function (c) { return c.closest("details"); })) form.querySelector("details").open = true;
    grow();
    ask();
  }

  /* --- asking ---------------------------------------------------------------------------------------------------- */

  function later() {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, 250);
  }

  function ask() {
    window.clearTimeout(timer);
    window.clearTimeout(slow);
    if (asking) asking.abort();
    var mine = asking = new AbortController(), question = asked(), place = address();
    if (place !== location.hash) history.replaceState(null, "", place === "#" ? location.pathname : place);
    if (!question.expression.trim()) { say(""); show({ trouble: null, letters: [] }, question); return; }
    slow = window.setTimeout(function () { say("Deriving …"); }, 400);
    send(question, mine).then(function (found) {
      if (mine.signal.aborted) return;
      window.clearTimeout(slow);
      show(found, question);
    }, function () {
      if (mine.signal.aborted) return;
      window.clearTimeout(slow);
      say("The server does not answer. Is derivgen serve still running?");
    });
  }

  function send(question, mine) {
    var request = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(question), signal: mine.signal };
    return fetch("answer", request).then(function (response) {
      if (response.status === 503) {
        say("Many are asking; yours is next in a moment …");
        return new Promise(function (done) { window.setTimeout(done, 1000 + 1000 * Math.random()); }).then(function () {
          return mine.signal.aborted ? {} : send(question, mine);
        });
      }
      if (response.status === 413) return { trouble: { kind: "too large", message: "this is more than the server reads" }, letters: [] };
      if (!response.ok) throw new Error(response.status);
      return response.json();
    });
  }

  function say(text) { status.textContent = text; }

  /* --- showing --------------------------------------------------------------------------------------------------- */

  function show(found, question) {
    letters = found.letters || letters;
    showReading(found);
    showTrouble(found, question);
    if (found.card) {
      card.innerHTML = found.card;
      say({ verified: "Derived, every step verified.", refuted: "Derived, and a step is refuted.", unchecked: "Derived; not all of it was checked." }[found.verdict]);
      document.title = found.title + " – derivgen";
      addTools(found, question);
      showAnswer();
    } else if (found.trouble) {
      say("");
    } else {
      card.textContent = answer.textContent = "";
      answer.hidden = true;
      document.title = "derivgen";
    }
    [card, answer].forEach(function (part) { part.toggleAttribute("data-old", Boolean(found.trouble)); });
  }

  /* What comes last stands first, too: one sees it change as one types. */
  function showAnswer() {
    var answers = card.querySelectorAll(".dg-answer");
    var several = Boolean(card.querySelector(".dg-top, .dg-part")) || answers.length > 1;
    answer.hidden = !answers.length || !several;
    answer.replaceChildren(element("h2", {}, ["Answer"]));
    answers.forEach(function (one) { /* with what its letters stand for, and without the notes */
      one.querySelectorAll(":scope > :is(.dg-figure, p:not(.dg-what, .dg-note))").forEach(function (part) { answer.append(part.cloneNode(true)); });
    });
  }

  function addTools(found, question) {
    var tools = Array.from(card.querySelectorAll(".dg-tools")).pop();
    if (!tools) return;
    [["Copy Markdown", null], ["Copy link", location.href], ["Copy block", found.block]].forEach(function (one) {
      var button = element("button", { type: "button", "class": "dg-button" }, [one[0]]);
      if (one[1] === null) onDemand(button, question);
      else ready(button, one[1]);
      tools.querySelector(".dg-status").before(button, "\n");
    });
  }

  function ready(button, text) {
    button.setAttribute("data-dg", "copy");
    button.setAttribute("data-copy", text);
  }

  /* Markdown is asked for as soon as somebody comes near its button, so that it is there at the click. */
  function onDemand(button, question) {
    var coming = null, wanted = false;
    function fetched() {
      coming = coming || send(Object.assign({ part: "markdown" }, question), { signal: new AbortController().signal }).then(function (found) {
        if (found.markdown === undefined) { coming = null; return; }
        ready(button, found.markdown);
        if (wanted) button.click();
      }, function () { coming = null; });
    }
    ["pointerenter", "pointerdown", "focus"].forEach(function (event) { button.addEventListener(event, fetched); });
    button.addEventListener("click", function () {
      wanted = !button.hasAttribute("data-dg");
      fetched();
    });
  }

  /* The letters, each with what it is and where that is known from; a click declares it otherwise. */
  function showReading(found) {
    reading.textContent = "";
    reading.hidden = !letters.length;
    if (!letters.length) return;
    var list = element("ul", { "class": "chips", "aria-label": "What the letters are" });
    letters.forEach(function (letter) {
      var label = letter.where + (letter.declared ? ", declared" : ", " + letter.how);
      var chip = element("button", { type: "button", "class": "chip", "aria-expanded": "false", "aria-label": label });
      var shown = element("span");
      shown.innerHTML = letter.shown;
      chip.append(shown);
      if (!letter.declared) chip.append(" ", element("small", {}, [letter.how]));
      chip.addEventListener("click", function () { edit(letter, chip); });
      list.append(element("li", {}, [chip]));
    });
    reading.append(element("h2", {}, ["Read as"]), list);
    if ((found.choices || []).length) {
      reading.append(element("ul", { "class": "taken" }, found.choices.map(function (c) { return element("li", {}, [c]); })));
    }
  }

  function edit(letter, chip) {
    var open = chip.getAttribute("aria-expanded") === "true", old = reading.querySelector(".editor");
    if (old) old.remove();
    reading.querySelectorAll(".chip").forEach(function (c) { c.setAttribute("aria-expanded", "false"); });
    if (open || letter.how === "defined") return;
    var name = letter.where.split(letter.kind === "function" ? ":" : " in ")[0];
    var box = element("div", { "class": "editor", role: "group", "aria-label": "What " + name + " is" });
    function button(text, act) {
      var made = element("button", { type: "button", "class": "chip" }, [text]);
      made.addEventListener("click", act);
      box.append(made);
      return made;
    }
    if (letter.kind !== "function") {
      button("Differentiate by " + name, function () { wrt.value = name; changed(); });
      [["a number", "R"], ["a column", "R^n"], ["a matrix", "R^(m*n)"], ["symmetric", "Sym(n)"]].forEach(function (one) {
        button(one[0], function () { declare(letter, name + " in " + one[1]); });
      });
    }
    var field = element("textarea", { rows: "1", "aria-label": "Declaration of " + name, spellcheck: "false", autocapitalize: "off" });
    field.value = letter.where;
    field.addEventListener("keydown", function (event) {
      if (event.key === "Enter") { event.preventDefault(); declare(letter, field.value); }
    });
    box.append(element("div", { "class": "field" }, [field]));
    button("Declare", function () { declare(letter, field.value); });
    box.addEventListener("keydown", function (event) {
      if (event.key === "Escape") { edit(letter, chip); chip.focus(); }
    });
    chip.setAttribute("aria-expanded", "true");
    reading.append(box);
    box.querySelector("button, textarea").focus();
  }

  /* What was declared stays, each letter by itself; the one that was clicked is what it is said to be. */
  function declare(letter, said) {
    var kept = letters.filter(function (one) { return one.declared && one !== letter; }).map(function (one) { return one.where; });
    where.value = kept.concat(said).join("; ");
    changed();
  }

  function add(said) {
    where.value = where.value.trim().replace(/;$/, "") + (where.value.trim() ? "; " : "") + said;
    changed();
  }

  function changed() { grow(); ask(); where.focus({ preventScroll: true }); }

  /* --- what is wrong, in its place ------------------------------------------------------------------------------- */

  function showTrouble(found, question) {
    var t = found.trouble;
    unmark();
    trouble.textContent = "";
    trouble.hidden = !t;
    if (!t) return;
    var missing = !question.options.wrt;
    trouble.toggleAttribute("data-calm", missing);
    trouble.append(element("p", { "class": "dg-title" }, [t.kind]), element("p", {}, [t.message]));
    if (t.hint) trouble.append(element("p", {}, [t.hint]));
    var ways = element("p", { "class": "chips" });
    function way(text, act) {
      var made = element("button", { type: "button", "class": "chip" }, [text]);
      made.addEventListener("click", act);
      ways.append(made);
    }
    (found.readings || []).forEach(function (one) { way(one.reading + ": " + one.where, function () { add(one.where); }); });
    if (missing) {
      letters.filter(function (one) { return one.kind !== "function" && one.how !== "defined"; }).forEach(function (one) {
        var name = one.where.split(" in ")[0];
        way("by " + name, function () { wrt.value = name; changed(); });
      });
    }
    var place = mark(t);
    if (t.kind === "unknown name" && place && /^[^\W\d]\w*$/u.test(place)) {
      var called = Array.from(t.source).slice(t.end).join("").trim().charAt(0) === "(";
      (called ? [": R -> R elementwise", ": R^n -> R", ": R^n -> R^m"] : [" in R", " in R^n", " in R^(m*n)"]).forEach(function (kind) {
        way(place + kind, function () { add(place + kind); });
      });
    }
    if (ways.childNodes.length) trouble.append(ways);
    var field = matchMedia("(max-width: 63.99rem)").matches && form.querySelector("[aria-invalid]");
    (field ? field.closest(".option") : reading).after(trouble); // where all is one column it stands by the field, in sight
  }

  /* Places are counted in code points; what is marked is given back. */
  function mark(t) {
    if (t.source === null || t.source === undefined || t.start === null || t.start === undefined) return "";
    var points = Array.from(t.source), wrong = points.slice(t.start, t.end).join("");
    controls.filter(function (c) { return c.tagName === "TEXTAREA" && c.value.includes(t.source) && c.value.trim(); }).slice(0, 1).forEach(function (c) {
      var before = c.value.slice(0, c.value.indexOf(t.source)) + points.slice(0, t.start).join("");
      var marks = c.parentElement.querySelector(".marks");
      marks.replaceChildren(before, element("mark", {}, [wrong]), c.value.slice(before.length + wrong.length) + "\n");
      c.setAttribute("aria-invalid", "true");
      c.setAttribute("aria-describedby", "trouble");
    });
    return wrong;
  }

  function unmark() {
    form.querySelectorAll(".marks").forEach(function (m) { m.textContent = ""; });
    controls.forEach(function (c) { c.removeAttribute("aria-invalid"); c.removeAttribute("aria-describedby"); });
  }

  /* --- the page --------------------------------------------------------------------------------------------------- */

  function grow() {
    form.querySelectorAll("textarea").forEach(function (t) {
      t.style.height = "auto";
      if (t.scrollHeight) t.style.height = t.scrollHeight + 2 + "px";
    });
  }

  function dress(theme) {
    document.documentElement.setAttribute("data-bs-theme", theme);
    document.getElementById("theme").textContent = theme === "dark" ? "Light" : "Dark";
  }

  var dark = window.matchMedia("(prefers-color-scheme: dark)"), kept = null;
  try { kept = localStorage.getItem("derivgen-theme"); } catch (refused) { kept = null; }
  dress(kept || (dark.matches ? "dark" : "light"));
  dark.addEventListener("change", function () { if (!kept) dress(dark.matches ? "dark" : "light"); });
  document.getElementById("theme").addEventListener("click", function () {
    kept = document.documentElement.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    try { localStorage.setItem("derivgen-theme", kept); } catch (refused) { /* then it is so until the page is left */ }
    dress(kept);
  });

  form.addEventListener("input", function (event) { unmark(); grow(); if (event.target.tagName === "TEXTAREA") later(); else ask(); });
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || event.target.tagName !== "TEXTAREA") return;
    if (event.ctrlKey || event.metaKey || "alone" in event.target.dataset) { event.preventDefault(); ask(); }
  });
  form.querySelector("details").addEventListener("toggle", grow);
  card.addEventListener("click", function (event) { /* the address is the question's: places in the card are gone to without it */
    var link = event.target instanceof Element ? event.target.closest("a[href^='#']") : null;
    if (!link) return;
    event.preventDefault();
    var to = document.getElementById(link.getAttribute("href").slice(1));
    if (to) to.scrollIntoView({ behavior: "smooth", block: "start" });
  });
  window.addEventListener("hashchange", load);
  window.addEventListener("resize", grow);
  load();
})();
