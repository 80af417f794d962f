// A case's form: fields that are asked under a condition appear when it holds.

import { followRules } from "../web/js/rules.js";

const form = document.querySelector("form[data-case-form]");
if (form) followRules(form);
