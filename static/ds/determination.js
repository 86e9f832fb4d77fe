/* The cell of the determination (a module, on the page of a record). ES2018; the page works without it. */
const doc = document;
/* The sentence of the determination follows choice and words; rows of other outcomes show only if filled in. */
const judge = doc.querySelector(".f--det [type=radio]");
const follow = () => {
  const chosen = judge.form.elements.determination.value;
  const word = (name, blank) => (judge.form.elements[name] || {}).value || blank;
  doc.querySelectorAll("[data-verdict]").forEach((sentence) => {
    sentence.hidden = sentence.dataset.verdict !== chosen;
    sentence.textContent = sentence.dataset.template
      .replace("{behaviour}", () => word("behaviour", "").trim().replace(/^存在|行为$/g, "") || "××")
      .replace("{ground}", () => word("ground", "").trim().replace(/^根据|[，,]+$/g, "") || "法律法规");
  });
  doc.querySelectorAll("[data-outcomes]").forEach((row) => {
    const filled = Array.from(row.querySelectorAll("input, select")).some((control) => control.value);
    row.hidden = !filled && !row.dataset.outcomes.split(" ").includes(chosen);
  });
};
if (judge) {
  follow();
  judge.form.addEventListener("input", follow);
}
