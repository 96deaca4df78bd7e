// MathJax 3 reads each formula; what it refuses is printed. Arguments: mathjax's folder. Standard input: [[tex, display]].
const all = JSON.parse(require("fs").readFileSync(0, "utf8"));
require(process.argv[2] + "/es5/node-main.js")
  .init({
    loader: { load: ["input/tex", "[tex]/textmacros", "[tex]/boldsymbol", "output/chtml", "adaptors/liteDOM"] },
    tex: { packages: { "[+]": ["textmacros", "boldsymbol"], "[-]": ["noerrors", "noundefined"] }, formatError: (_, error) => { throw error; } },
    startup: { typeset: false },
  })
  .then((MathJax) => {
    let wrong = 0;
    for (const [tex, display] of all)
      try {
        MathJax.tex2chtml(tex, { display });
      } catch (error) {
        wrong += 1;
        console.error(`${error.message}: ${tex}`);
      }
    process.exit(wrong ? 1 : 0);
  })
  .catch((error) => { console.error(error); process.exit(2); });
