// Small words for what every module does with the page.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** The form token that the server expects with every change. */
export const csrf = () => document.documentElement.dataset.csrf ?? "";

/** How far the server's clock is ahead of this computer's, in seconds. */
const ahead = Number(document.documentElement.dataset.now ?? 0) - Date.now() / 1000;
export const now = () => Date.now() / 1000 + ahead;

/** `4:07`, `1:04:07`: as `hotline.web.display.duration` writes it. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Fetch a piece of a page; an error carries the server's own words. */
export async function fetchFragment(url, options = {}) {
  const response = await fetch(url, {
    ...options,
    headers: { "X-Fragment": "1", "X-CSRF-Token": csrf(), ...(options.headers ?? {}) },
  });
  if (response.ok) return response.text();
  let words = "网络不通，请稍后再试";
  try {
    words = (await response.json()).message;
  } catch {
    // Not JSON: a proxy answered; the words above stand.
  }
  const error = new Error(words);
  error.status = response.status;
  throw error;
}

/** Parse HTML that our server escaped. */
export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}
