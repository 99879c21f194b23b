// From a file:// address no browser starts a worker. There the search's script runs in a hidden frame instead, with
// the few things that it knows of a worker. No script is written into the frame, since the pages allow none.
(function () {
  "use strict";
  if (location.protocol !== "file:") return;

  function load(frame, address) {
    return new Promise(function (resolve, reject) {
      const script = frame.document.createElement("script");
      script.src = new URL(address, location);
      script.onload = resolve;
      script.onerror = reject;
      frame.document.body.appendChild(script);
    });
  }

  class FrameWorker extends EventTarget {
    constructor(address) {
      super();
      this.element = document.createElement("iframe");
      this.element.hidden = true;
      document.body.appendChild(this.element);
      const frame = (this.frame = this.element.contentWindow);
      // Some browsers would otherwise put another empty page here a moment later.
      frame.document.open();
      frame.document.write("<!doctype html><title>search</title><body></body>");
      frame.document.close();
      frame.postMessage = (data) => setTimeout(() => this.dispatchEvent(new MessageEvent("message", { data })));
      frame.importScripts = (...addresses) =>
        addresses.reduce((before, next) => before.then(() => load(frame, next)), Promise.resolve());
      this.ready = load(frame, address);
    }

    postMessage(data) {
      this.ready.then(() => this.frame.dispatchEvent(new MessageEvent("message", { data })));
    }

    terminate() {
      this.element.remove();
    }
  }

  window.IFrameWorker = window.Worker = FrameWorker;
})();
