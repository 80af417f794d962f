// The telephone: registers with a credential of minutes, rings, talks, and takes a talk up again
// that a reload or a broken network cut off. Asterisk keeps the talk meanwhile: the new leg takes
// the old one's place (Replaces, RFC 3891).

import { csrf } from "../../web/js/dom.js";
import { faultOfMicrophone } from "./faults.js";
import { Level, Ring, constraints, playTo } from "./sound.js";

const TALK = "hotline.talk";
const KEEP_MS = 10 * 60 * 1000;
const CLOSED = { 4001: "away", 4002: "signedout", 4003: "other" };
const NO_STUN = { iceServers: [] };
/** Any number that a telephone of ours may dial; nothing is dialled, the old leg is replaced. */
const RESUME = "00";

export class Phone {
  /** `changed()` is called after anything changed; `speaker` plays the other side. */
  constructor(speaker, changed) {
    this.speaker = speaker;
    this.changed = changed;
    this.state = "off";
    this.fault = "";
    this.session = null;
    this.muted = false;
    this.ring = new Ring();
    this.levels = { own: null, other: null };
    this.library = null;
    this.ua = null;
    this.wanted = false;
    this.tries = 0;
  }

  get ringing() {
    return Boolean(this.session) && !this.answered;
  }

  get talking() {
    return Boolean(this.session) && this.answered;
  }

  #tell(state, fault = "") {
    this.state = state;
    this.fault = fault;
    this.changed();
  }

  /** Begin; every fault is told, none is thrown. */
  async start() {
    this.wanted = true;
    this.#tell("starting");
    if (!window.isSecureContext || !navigator.mediaDevices) return this.#tell("fault", "insecure");
    try {
      const stream = await navigator.mediaDevices.getUserMedia(constraints());
      for (const track of stream.getTracks()) track.stop();
    } catch (error) {
      return this.#tell("fault", faultOfMicrophone(error));
    }
    try {
      this.library ??= await import("../../web/vendor/jssip.js");
    } catch {
      return this.#tell("fault", "bundle");
    }
    const credential = await this.#credential();
    if (credential && this.wanted) this.#register(credential);
  }

  /** Stop without ending the talk: another tab takes it up. */
  leave() {
    this.wanted = false;
    clearTimeout(this.renewing);
    this.ring.stop();
    if (this.session) {
      this.leaving = true;
      this.session.connection?.close();
    }
    this.#hangUpLine();
    this.ua = null;
    this.session = null;
    this.#levelsOff();
    this.#tell("off");
  }

  async #credential() {
    let response;
    try {
      response = await fetch("/seat/phone", {
        method: "POST",
        headers: { "X-CSRF-Token": csrf(), Accept: "application/json", "X-Fragment": "1" },
      });
    } catch {
      this.#tell("fault", "lost");
      this.#later();
      return null;
    }
    if (response.ok) return response.json();
    if (response.status === 401) this.#tell("fault", "signedout");
    else if (response.status === 403) this.#tell("fault", "closed");
    else {
      this.#tell("fault", "away");
      this.#later();
    }
    return null;
  }

  #later() {
    clearTimeout(this.retrying);
    this.tries += 1;
    this.retrying = setTimeout(() => this.wanted && this.start(), Math.min(15000, 1500 * this.tries));
  }

  #register({ user, secret, domain, renew_seconds: renew }) {
    if (this.ua && this.session) {
      // A talk lives in this one: it only gets a new secret and a new line. The old line, if it is
      // still there, belongs to a sign-in that is over and will be closed.
      this.ua.set("password", secret);
      this.#hangUpLine();
      this.ua._transport.connect();
      this.#renewIn(renew);
      return;
    }
    const { UA, WebSocketInterface } = this.library;
    this.ua?.stop();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const ua = new UA({
      sockets: [new WebSocketInterface(`${scheme}://${location.host}/sip`)],
      uri: `sip:${user}@${domain}`,
      password: secret,
      register_expires: 120,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 8,
    });
    this.ua = ua;
    const own = (react) => (event) => ua === this.ua && react(event);
    ua.on("registered", own(() => this.#registered()));
    ua.on("registrationFailed", own(() => this.#refused()));
    ua.on("disconnected", own((event) => this.#disconnected(event)));
    ua.on("connected", own(() => this.#connected()));
    ua.on("newRTCSession", own((event) => this.#newSession(event)));
    ua.start();
    this.#renewIn(renew);
  }

  #renewIn(seconds) {
    clearTimeout(this.renewing);
    this.renewing = setTimeout(async () => {
      const credential = await this.#credential();
      if (!credential || !this.ua) return;
      this.ua.set("password", credential.secret);
      this.ua.register();
      this.#renewIn(credential.renew_seconds);
    }, seconds * 1000);
  }

  #registered() {
    this.tries = 0;
    this.refusals = 0;
    this.#tell("ready");
    this.takeUp();
  }

  async #refused() {
    // Asterisk was restarted, or the credential ran out while the computer slept: a fresh one.
    this.refusals = (this.refusals ?? 0) + 1;
    if (this.refusals > 3) return this.#tell("fault", "closed");
    const credential = await this.#credential();
    if (!credential || !this.ua) return;
    this.ua.set("password", credential.secret);
    setTimeout(() => this.ua?.register(), 500 * this.refusals);
  }

  /** Close the line ourselves: nothing is wrong with it. */
  #hangUpLine() {
    this.closing = true;
    this.ua?._transport?.disconnect();
    this.closing = false;
  }

  #disconnected({ code }) {
    if (this.closing) return;
    const fault = CLOSED[code] ?? "lost";
    this.#tell("fault", fault);
    if (fault === "signedout" || fault === "other") {
      this.wanted = false;
      this.#hangUpLine();
      clearTimeout(this.renewing);
      return;
    }
    // The door may be closed because the sign-in is over: ask, and come back with a fresh one.
    clearTimeout(this.checking);
    this.checking = setTimeout(() => this.state === "fault" && this.wanted && this.#renewIn(0), 3000);
  }

  #connected() {
    // Tells Asterisk where we are now, and finds a new way for the sound.
    if (this.talking) this.#mend();
  }

  #mend() {
    if (!this.session?.isEstablished()) return;
    this.session.renegotiate({ rtcOfferConstraints: { iceRestart: true } });
  }

  #newSession({ session, originator }) {
    if (this.session) {
      if (originator === "remote") session.terminate({ status_code: 486, reason_phrase: "Busy Here" });
      return;
    }
    this.session = session;
    this.answered = originator === "local";
    this.muted = false;
    if (originator === "remote") this.ring.start();
    session.on("peerconnection", ({ peerconnection }) => this.#hear(peerconnection));
    if (session.connection) this.#hear(session.connection);
    let gathering = 0;
    session.on("icecandidate", ({ ready }) => {
      // The first addresses do; to wait for the last ones costs the caller a second.
      gathering ||= setTimeout(ready, 250);
    });
    session.on("confirmed", () => this.#confirmed(session));
    session.on("ended", (event) => this.#over(session, event));
    session.on("failed", (event) => this.#over(session, event));
    session.on("getusermediafailed", (error) => this.#tell("fault", faultOfMicrophone(error)));
    this.changed();
  }

  answer() {
    if (!this.ringing) return;
    this.answered = true;
    this.ring.stop();
    this.session.answer({ mediaConstraints: constraints(), pcConfig: NO_STUN });
    this.changed();
  }

  hangUp() {
    if (!this.session) return;
    localStorage.removeItem(TALK);
    this.session.terminate();
  }

  mute(on = !this.muted) {
    if (!this.talking) return;
    this.muted = on;
    if (on) this.session.mute({ audio: true });
    else this.session.unmute({ audio: true });
    this.changed();
  }

  tone(key) {
    if (this.talking) this.session.sendDTMF(key, { transportType: "RFC2833", duration: 120 });
  }

  #hear(connection) {
    connection.addEventListener("track", (event) => {
      const stream = event.streams[0] ?? new MediaStream([event.track]);
      this.speaker.srcObject = stream;
      playTo(this.speaker, "speaker");
      this.levels.other?.close();
      this.levels.other = new Level(stream);
    });
    connection.addEventListener("connectionstatechange", () => {
      if (connection.connectionState === "failed") this.#mend();
    });
  }

  #confirmed(session) {
    this.answered = true;
    const { call_id: id, local_tag: ours, remote_tag: theirs } = session._dialog._id;
    localStorage.setItem(TALK, JSON.stringify({ id, ours, theirs, at: Date.now() }));
    const sender = session.connection.getSenders().find((s) => s.track?.kind === "audio");
    if (sender) this.levels.own = new Level(new MediaStream([sender.track]));
    this.kept = setInterval(() => {
      const talk = JSON.parse(localStorage.getItem(TALK) ?? "null");
      if (talk?.id === id) localStorage.setItem(TALK, JSON.stringify({ ...talk, at: Date.now() }));
    }, 15000);
    this.#tell("ready");
  }

  #over(session, { cause, originator }) {
    if (session !== this.session) return;
    clearInterval(this.kept);
    this.ring.stop();
    this.session = null;
    this.speaker.srcObject = null;
    this.#levelsOff();
    const taken = session.direction === "outgoing" && this.takingUp;
    this.takingUp = false;
    if (!this.leaving) localStorage.removeItem(TALK);
    this.leaving = false;
    if (taken && cause !== "Terminated" && originator !== "local") this.note?.("原来的通话已经结束");
    this.changed();
  }

  #levelsOff() {
    for (const level of Object.values(this.levels)) level?.close();
    this.levels = { own: null, other: null };
  }

  /** Take the talk up again that this browser was in, if there is one. */
  takeUp() {
    const talk = JSON.parse(localStorage.getItem(TALK) ?? "null");
    if (!talk || this.session || !this.ua) return;
    if (Date.now() - talk.at > KEEP_MS) {
      localStorage.removeItem(TALK);
      return;
    }
    this.takingUp = true;
    this.ua.call(`sip:${RESUME}@${this.ua.configuration.uri.host}`, {
      mediaConstraints: constraints(),
      pcConfig: NO_STUN,
      extraHeaders: [`Replaces: ${talk.id};to-tag=${talk.theirs};from-tag=${talk.ours}`],
    });
  }
}
