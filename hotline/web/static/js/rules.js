// Fields that are asked under a condition appear when it holds. Without a script all are there, each
// with its condition in words.

function holds(rule, form) {
  if (rule.all) return rule.all.every((part) => holds(part, form));
  if (rule.any) return rule.any.some((part) => holds(part, form));
  if (rule.not) return !holds(rule.not, form);
  const values = new FormData(form).getAll(rule.field).filter((value) => value !== "");
  if ("filled" in rule) return (values.length > 0) === rule.filled;
  if ("is" in rule) return rule.is === false ? values.length === 0 : values.includes(String(rule.is));
  if ("in" in rule) return rule.in.map(String).some((one) => values.includes(one));
  const number = Number.parseFloat(values[0]);
  if (Number.isNaN(number)) return false;
  return "at_least" in rule ? number >= rule.at_least : number < rule.below;
}

export function followRules(form) {
  const show = () => {
    for (const part of form.querySelectorAll("[data-rule]")) {
      part.hidden = !holds(JSON.parse(part.dataset.rule), form);
    }
  };
  for (const words of form.querySelectorAll(".when")) words.hidden = true;
  form.addEventListener("change", show);
  show();
}
