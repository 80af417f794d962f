// One player for both legs. The recording is stereo (caller left, lawyer right); here each leg goes
// to both ears and can be muted. Without this module the browser's own player stands on the page.

import { $, $$, duration } from "../web/js/dom.js";

const STEP_SECONDS = 5;

class Player {
  constructor(root) {
    this.root = root;
    this.audio = $("audio", root);
    this.length = Number(root.dataset.seconds);
    this.legs = $("[data-legs]", root);
    this.cursor = $("[data-cursor]", root);
    this.turns = $$("[data-transcript] .turn").map((element) => ({
      element,
      start: Number(element.dataset.start),
      end: Number(element.dataset.end),
    }));
    root.classList.add("ready");
    $(".controls", root).hidden = false;
    $("[data-mutes]", root).hidden = $$("[data-mutes] input", root).length < 2;
    this.cursor.hidden = false;
    this.listen();
    this.show();
  }

  listen() {
    $("[data-play]", this.root).addEventListener("click", () => this.toggle());
    $("[data-speed]", this.root).addEventListener("change", (event) => {
      this.audio.playbackRate = Number(event.target.value);
    });
    for (const input of $$("[data-mutes] input", this.root)) {
      input.addEventListener("change", () => this.mute(Number(input.value), input.checked));
    }
    for (const name of ["timeupdate", "seeked", "play", "pause", "ended"]) {
      this.audio.addEventListener(name, () => this.show());
    }
    this.audio.addEventListener("play", () => this.follow());
    this.legs.addEventListener("pointerdown", (event) => this.point(event));
    this.legs.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -STEP_SECONDS, ArrowRight: STEP_SECONDS, Home: -Infinity, End: Infinity };
      if (!(event.key in steps)) return;
      event.preventDefault();
      event.stopPropagation();
      this.seek(this.audio.currentTime + steps[event.key]);
    });
  }

  /** Sound passes through a graph only once someone listens: browsers want a click first. */
  connect() {
    if (this.context) return;
    this.context = new AudioContext();
    const source = this.context.createMediaElementSource(this.audio);
    const count = Math.max(1, $$(".leg", this.root).length);
    const split = this.context.createChannelSplitter(count);
    source.connect(split);
    this.gains = Array.from({ length: count }, (_, channel) => {
      const gain = this.context.createGain();
      split.connect(gain, channel);
      gain.connect(this.context.destination);
      return gain;
    });
    for (const input of $$("[data-mutes] input:checked", this.root)) this.mute(Number(input.value), true);
  }

  mute(channel, muted) {
    if (this.gains?.[channel]) this.gains[channel].gain.value = muted ? 0 : 1;
    $$(".leg", this.root)[channel]?.classList.toggle("muted", muted);
  }

  async toggle() {
    this.connect();
    await this.context.resume();
    if (this.audio.paused) await this.audio.play();
    else this.audio.pause();
  }

  seek(second) {
    this.audio.currentTime = Math.min(this.length, Math.max(0, second));
    this.show();
  }

  async seekAndPlay(second) {
    this.seek(second);
    if (this.audio.paused) await this.toggle();
  }

  point(event) {
    const wave = $(".wave", this.legs)?.getBoundingClientRect();
    if (!wave) return;
    this.seek(((event.clientX - wave.left) / wave.width) * this.length);
  }

  follow() {
    if (this.audio.paused || !this.root.isConnected) return;
    this.show();
    requestAnimationFrame(() => this.follow());
  }

  show() {
    const time = this.audio.currentTime;
    const playing = !this.audio.paused;
    const words = duration(time);
    $("[data-place]", this.root).textContent = words;
    const wave = $(".wave", this.legs);
    if (wave) {
      const share = this.length ? time / this.length : 0;
      this.cursor.style.left = `${wave.offsetLeft + share * wave.clientWidth || 100 + share * (this.legs.clientWidth - 100)}px`;
    }
    this.legs.setAttribute("aria-valuenow", String(Math.round(time)));
    this.legs.setAttribute("aria-valuetext", words);
    const button = $("[data-play]", this.root);
    if (button.getAttribute("aria-label") !== (playing ? "暂停" : "播放")) {
      button.setAttribute("aria-label", playing ? "暂停" : "播放");
      const use = $("use", button);
      use.setAttribute("href", use.getAttribute("href").replace(/#.*/, playing ? "#pause" : "#play"));
    }
    this.mark(time, playing);
  }

  mark(time, playing) {
    for (const { element, start, end } of this.turns) {
      const now = (playing || time > 0) && time >= start && time < end;
      if (now === element.classList.contains("now")) continue;
      element.classList.toggle("now", now);
      if (now && playing) element.scrollIntoView({ block: "nearest", behavior: "smooth" });
    }
  }
}

let player = null;

function start() {
  const root = $("[data-player]");
  player = root ? new Player(root) : null;
}

start();
document.addEventListener("panel", () => {
  // The panel came anew (its transcript is done): go on where the listener was.
  const place = player?.audio.currentTime ?? 0;
  if (player && player.root.isConnected) return;
  start();
  if (place) player?.seek(place);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-seek]");
  if (button && player) player.seekAndPlay(Number(button.dataset.seek));
});
document.addEventListener("keydown", (event) => {
  if (!player || event.target.closest("input, select, textarea, [data-legs]")) return;
  if (event.key === "ArrowLeft") player.seek(player.audio.currentTime - STEP_SECONDS);
  if (event.key === "ArrowRight") player.seek(player.audio.currentTime + STEP_SECONDS);
});
