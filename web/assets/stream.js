/* stream.js - the event stream, and knowing when it is not there.
 *
 * Browsers allow six connections per host, so a hidden page closes its own and goes on
 * from the last id when it is seen again. Silence counts as loss: a half-open connection
 * looks alive to the browser. */

const SILENCE_MS = 20000; /* a beat comes each 15 s */
const RETRY_MS = 3000;

export function openStream(page) {
  let source = null;
  let lastId = page.from;
  let heardAt = Date.now();
  let retryAt = 0;
  let lost = false;

  function url() {
    const query = new URLSearchParams(page.query);
    if (!page.query) query.set("points", "key");
    query.set("from", lastId);
    return "/api/v1/stream?" + query;
  }

  function hear(event) {
    if (event.lastEventId) lastId = event.lastEventId;
    heardAt = Date.now();
    lost = false;
    page.onState("on", 0);
    const data = JSON.parse(event.data);
    if (data.time && event.type !== "issue" && event.type !== "announce") page.onTime(Date.parse(data.time));
    return data;
  }

  function close() {
    if (source) source.close();
    source = null;
  }

  function open() {
    close();
    source = new EventSource(url());
    source.addEventListener("hello", (e) => { if (!hear(e).resumed) page.onReread(); });
    source.addEventListener("sample", (e) => page.onSamples(hear(e).samples));
    source.addEventListener("state", (e) => page.onChange(hear(e)));
    source.addEventListener("issue", (e) => page.onChange(hear(e)));
    source.addEventListener("announce", (e) => page.onAnnounce(hear(e)));
    source.addEventListener("beat", hear);
    source.onerror = () => {
      close();
      lost = true;
      retryAt = Date.now() + RETRY_MS;
    };
  }

  function watch() {
    if (document.hidden) return;
    const silence = Date.now() - heardAt;
    if (silence > SILENCE_MS && source) {
      close();
      lost = true;
    }
    if (lost && silence > 2000) page.onState("lost", silence);
    if (!source && Date.now() >= retryAt) {
      retryAt = Date.now() + RETRY_MS;
      open();
    }
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      close();
    } else {
      heardAt = Date.now();
      open();
    }
  });
  addEventListener("pagehide", close);
  page.onState("connecting", 0);
  if (!document.hidden) open();
  setInterval(watch, 1000);
}
