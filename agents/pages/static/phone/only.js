// One tab has the telephone. The others wait for it, say so, and may ask for it.

const NAME = "hotline-phone";

/** Call `have()` when this tab may have the telephone, `wait()` while another has it, and
 * `give()` when another tab asks for it; `give` gets a function that lets it go. */
export function onlyOne({ have, wait, give }) {
  const channel = new BroadcastChannel(NAME);
  let letGo = null;
  channel.addEventListener("message", (event) => {
    if (event.data === "give" && letGo) give(letGo);
  });
  const hold = () =>
    new Promise((resolve) => {
      letGo = () => {
        letGo = null;
        resolve();
      };
      have();
    });
  const now = (options) =>
    navigator.locks.request(NAME, options, async (lock) => {
      if (lock) await hold();
      return Boolean(lock);
    });
  const enter = async () => {
    if (!(await now({ ifAvailable: true }))) wait();
    // In line for it: the other tab closes, or lets it go.
    for (;;) await now({});
  };
  enter();
  return { ask: () => channel.postMessage("give") };
}
