// Devices, the ring, the level of a voice. What was chosen stays with this computer.

const PREFIX = "hotline.sound.";

export const chosen = (name) => localStorage.getItem(PREFIX + name) ?? "";
export const choose = (name, value) => localStorage.setItem(PREFIX + name, value);

/** What the microphone is asked for: the chosen device, and clearing of noise unless refused. */
export function constraints() {
  const clear = chosen("clear") !== "no";
  const audio = { echoCancellation: clear, noiseSuppression: clear, autoGainControl: clear };
  const device = chosen("microphone");
  if (device) audio.deviceId = { ideal: device };
  return { audio, video: false };
}

export async function devices() {
  const all = await navigator.mediaDevices.enumerateDevices();
  const named = (kind) =>
    all
      .filter((d) => d.kind === kind && d.deviceId)
      .map((d, n) => ({ id: d.deviceId, name: d.label || `设备 ${n + 1}` }));
  return { microphone: named("audioinput"), speaker: named("audiooutput") };
}

export async function playTo(audio, name) {
  const device = chosen(name);
  if (!audio.setSinkId) return;
  try {
    await audio.setSinkId(device);
  } catch {
    // The device is gone; the browser's own choice stands.
    await audio.setSinkId("").catch(() => {});
  }
}

/** China's ring: 450 Hz, one second in five. Made here, so that no file need be fetched. */
export class Ring {
  #context = null;
  #timer = 0;

  /** Whether the browser lets us sound; before the first click it does not. */
  get silenced() {
    return this.#context !== null && this.#context.state !== "running";
  }

  prepare() {
    this.#context ??= new AudioContext();
    this.#context.resume().catch(() => {});
  }

  start() {
    this.stop();
    this.prepare();
    const device = chosen("ring");
    if (device && this.#context.setSinkId) this.#context.setSinkId(device).catch(() => {});
    const once = () => {
      const [tone, gain, at] = [this.#context.createOscillator(), this.#context.createGain(), this.#context.currentTime];
      tone.frequency.value = 450;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(0.16, at + 0.03);
      gain.gain.setValueAtTime(0.16, at + 0.97);
      gain.gain.linearRampToValueAtTime(0, at + 1);
      tone.connect(gain).connect(this.#context.destination);
      tone.start(at);
      tone.stop(at + 1);
      this.#tone = tone;
    };
    once();
    this.#timer = setInterval(once, 5000);
  }

  #tone = null;

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
    try {
      this.#tone?.stop();
    } catch {
      // It has ended by itself.
    }
    this.#tone = null;
  }
}

/** How loud a stream is, from 0 to 1, asked as often as one likes. */
export class Level {
  #context = new AudioContext();
  #analyser = this.#context.createAnalyser();
  #buffer = new Float32Array(512);

  constructor(stream) {
    this.#analyser.fftSize = 512;
    this.#context.createMediaStreamSource(stream).connect(this.#analyser);
    this.#context.resume().catch(() => {});
  }

  read() {
    this.#analyser.getFloatTimeDomainData(this.#buffer);
    const power = this.#buffer.reduce((sum, x) => sum + x * x, 0) / this.#buffer.length;
    // From -60 dB, which is a quiet room, to 0.
    return Math.max(0, Math.min(1, 1 + Math.log10(power + 1e-9) / 6));
  }

  close() {
    this.#context.close().catch(() => {});
  }
}
