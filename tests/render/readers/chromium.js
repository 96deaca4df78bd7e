// Opens pages in headless Chromium without a network and says what it saw, as JSON.
// Arguments: node_modules, chromium. Standard input: {pages: [{file, width, height, scheme, media, shot, pdf}]}.
const [modules, chromium] = process.argv.slice(2);
const { chromium: browserType } = require(modules + "/playwright-core");
const axe = require("fs").readFileSync(modules + "/axe-core/axe.min.js", "utf8");

const look = () => {
  const root = document.documentElement;
  const math = [...document.querySelectorAll("math")];
  return {
    overflow: root.scrollWidth - root.clientWidth,
    scripts: document.scripts.length,
    handlers: [...document.querySelectorAll("*")].filter((e) => [...e.attributes].some((a) => /^on/i.test(a.name))).length,
    links: [...document.querySelectorAll("[href],[src]")].map((e) => e.getAttribute("href") ?? e.getAttribute("src")),
    wrong: [...new Set([...document.querySelectorAll("math *")].filter((e) => e.namespaceURI !== math[0].namespaceURI).map((e) => e.localName))],
    flat: math.filter((e) => e.getBoundingClientRect().height === 0 && e.checkVisibility()).length,
    // what scrolls, but not by the keyboard
    unreachable: [...document.querySelectorAll(".dg-piece")].filter((e) => e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0).length,
    maths: math.length,
    // the reasons of steps that are not folded, and all of them
    shownSteps: [...document.querySelectorAll(".dg-why")].filter((e) => e.checkVisibility({ contentVisibilityAuto: true })).length,
    steps: document.querySelectorAll(".dg-why").length,
    alerted: Boolean(window.alerted),
  };
};

(async () => {
  const { pages } = JSON.parse(require("fs").readFileSync(0, "utf8"));
  const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND"];
  const browser = await browserType.launch({ executablePath: chromium, args: flags });
  const found = [];
  const opened = {}; // a page for each screen, which goes from file to file: a new one takes longer than most files
  for (const p of pages) {
    const screen = { offline: true, bypassCSP: true, colorScheme: p.scheme ?? "light",
      viewport: { width: p.width ?? 1100, height: p.height ?? 900 }, deviceScaleFactor: p.scale ?? 1 };
    const page = (opened[JSON.stringify(screen)] ??= await (await browser.newContext(screen)).newPage());
    const requests = [], complaints = [];
    page.removeAllListeners();
    page.on("request", (r) => requests.push(r.url()));
    page.on("dialog", (d) => { complaints.push("dialog " + d.message()); d.dismiss(); });
    page.on("pageerror", (e) => complaints.push(String(e)));
    page.on("console", (m) => m.type() === "error" && complaints.push(m.text()));
    await page.emulateMedia({ media: p.media ?? null, colorScheme: p.scheme ?? "light" });
    await page.goto("file://" + p.file);
    const seen = await page.evaluate(look);
    if (p.axe !== false) {
      await page.evaluate(axe);
      const report = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
      seen.violations = report.violations.map((v) => `${v.id}: ${v.help} (${v.nodes.length}) ${v.nodes[0].html.slice(0, 160)} ${v.nodes[0].failureSummary}`);
    }
    if (p.shot) await page.screenshot({ path: p.shot, fullPage: true });
    if (p.pdf) await page.pdf({ path: p.pdf, format: "A4" });
    found.push({ ...seen, requests: requests.length, complaints });
  }
  await browser.close();
  console.log(JSON.stringify(found));
})().catch((e) => { console.error(e); process.exit(1); });
