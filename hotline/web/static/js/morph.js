// Change a part of the page into what the server sent, touching only what differs: focus,
// scroll and open menus stay, and elements marked data-glow glow once where their text changed.

const reduced = matchMedia("(prefers-reduced-motion: reduce)");

export function morph(target, content) {
  children(target, content);
}

function children(old, fresh) {
  const byKey = new Map();
  for (const node of old.children) if (node.dataset.id) byKey.set(node.dataset.id, node);
  let place = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const key = wanted.dataset?.id;
    let match = key ? byKey.get(key) : place;
    if (match && (!same(match, wanted) || (!key && match.dataset?.id))) match = null;
    if (!match) {
      old.insertBefore(wanted, place);
      continue;
    }
    if (match === place) place = place.nextSibling;
    else old.insertBefore(match, place);
    node(match, wanted);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function same(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName;
}

function node(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  // What a script of the page fills itself is the script's.
  if (old.dataset.own !== undefined && fresh.dataset.own === old.dataset.own) return;
  // A running timer writes its own text; it starts anew only where its start moved.
  const timer = old.dataset.since !== undefined && old.dataset.since === fresh.dataset.since;
  if (timer || old.isEqualNode(fresh)) return;
  const before = old.textContent;
  attributes(old, fresh);
  children(old, fresh);
  if (old.dataset.glow !== undefined && old.textContent !== before && !reduced.matches) {
    old.classList.remove("glow");
    void old.offsetWidth;
    old.classList.add("glow");
  }
}

function attributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    // What a person has opened stays open.
    const opened = name === "open" && old.nodeName === "DETAILS";
    if (!fresh.hasAttribute(name) && name !== "style" && !opened) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}
