// Sends files in parts by the tus protocol, each with a progress bar, and resumes after lost connections.
const box = document.querySelector("[data-upload]");
if (box) start(box);

function start(box) {
  const form = box.querySelector("form");
  const input = form.querySelector('input[type="file"]');
  const drop = form.querySelector(".drop");
  box.querySelector("[data-plain]").hidden = true;
  box.querySelector("[data-scripted]").hidden = false;
  input.multiple = true;
  form.addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("change", () => {
    add(box, input.files);
    input.value = "";
  });
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    add(box, event.dataTransfer.files);
  });
}

// One file at a time: two at once only halve each other's speed.
let queue = Promise.resolve();
let uploads = 0;
const sending = new Set();
addEventListener("beforeunload", (event) => sending.size && event.preventDefault());

function add(box, files) {
  for (const file of files) {
    uploads += 1;
    const upload = new Upload(box, file);
    sending.add(upload);
    queue = queue.then(() => upload.run()).finally(() => sending.delete(upload));
  }
}

class Upload {
  constructor(box, file) {
    this.box = box;
    this.file = file;
    this.offset = 0;
    this.address = null;
    this.ended = false;
    this.item = box.querySelector("template[data-file]").content.cloneNode(true).firstElementChild;
    this.find("[data-name]").textContent = file.name;
    this.find("[data-size]").textContent = size(file.size);
    this.find("[data-cancel]").addEventListener("click", () => this.cancel());
    this.find("[data-again]").addEventListener("click", () => this.run());
    box.querySelector(".files").append(this.item);
  }

  find(selector) {
    return this.item.querySelector(selector);
  }

  say(text) {
    this.find("[data-state]").textContent = text;
  }

  show(...names) {
    for (const name of ["again", "cancel"]) {
      this.find(`[data-${name}]`).hidden = !names.includes(name);
    }
  }

  headers(more = {}) {
    const token = this.box.querySelector("[name=csrfmiddlewaretoken]").value;
    return { "Tus-Resumable": "1.0.0", "X-CSRFToken": token, Accept: "application/json", ...more };
  }

  async run() {
    if (this.ended) return;
    this.show("cancel");
    let failures = 0;
    while (!this.ended) {
      try {
        if (!this.address) await this.resume();
        if (!this.address) await this.begin();
        else if (failures) await this.ask();
        while (!this.ended) {
          await this.sendPart();
          failures = 0;
        }
      } catch (problem) {
        if (problem instanceof Refusal) return this.refused(problem);
        failures += 1;
        if (failures > 6) {
          this.say("The connection is lost. What has arrived is kept for an hour.");
          return this.show("again", "cancel");
        }
        this.say("The connection was lost. Trying again…");
        await new Promise((go) => setTimeout(go, 500 * 2 ** failures));
      }
    }
  }

  async begin() {
    if (this.file.size > Number(this.box.dataset.maxBytes)) throw new Refusal(413, { detail: "The file is too large." });
    const metadata = `filename ${base64(this.file.name)},hold ${base64("true")}`;
    const response = await fetch(this.box.dataset.endpoint, {
      method: "POST",
      headers: this.headers({ "Upload-Length": String(this.file.size), "Upload-Metadata": metadata }),
    });
    await refuse(response);
    this.address = response.headers.get("Location");
    this.item.dataset.id = this.address.split("/").pop();
  }

  // Resume a file whose page was left during the upload.
  async resume() {
    const tray = document.querySelector("[data-tray]");
    const answer = await fetch(tray.dataset.tray, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const half = (await answer.json()).uploads.find(
      (each) => each.label === "sending" && each.filename === this.file.name && each.size === this.file.size,
    );
    if (!half) return;
    this.address = `${this.box.dataset.endpoint}${half.id}`;
    this.item.dataset.id = half.id;
    await this.ask();
  }

  // How much has arrived before the connection was lost.
  async ask() {
    const response = await fetch(this.address, { method: "HEAD", headers: this.headers() });
    await refuse(response);
    this.offset = Number(response.headers.get("Upload-Offset"));
  }

  async sendPart() {
    const part = this.file.slice(this.offset, this.offset + Number(this.box.dataset.partBytes));
    this.say("Sending…");
    const response = await patch(this.address, part, this.headers({ "Upload-Offset": String(this.offset) }), this, (sent) => {
      this.find("progress").value = (100 * (this.offset + sent)) / this.file.size;
    });
    this.offset = Number(response.getResponseHeader("Upload-Offset"));
    this.find("progress").value = (100 * this.offset) / this.file.size;
    if (this.offset === this.file.size) this.arrived();
  }

  // All of it has arrived and is held: nothing is kept without confirmation.
  arrived() {
    this.ended = true;
    this.say("Received. Nothing of it is kept yet.");
    const page = this.box.dataset.lookPage.replace(/0{8}-[0-]+/, this.address.split("/").pop());
    if (uploads === 1) {
      sending.clear();
      return location.assign(page);
    }
    // The tray shows it from here on.
    this.item.remove();
    dispatchEvent(new Event("uploads"));
  }

  refused(problem) {
    this.say(problem.message);
    this.ended = true;
    this.item.classList.add("bad");
    this.show();
    if (!this.address) return;
    // The tray shows it from here on, on every page.
    this.item.remove();
    dispatchEvent(new Event("uploads"));
  }

  async cancel() {
    this.ended = true;
    this.request?.abort();
    if (this.address) await fetch(this.address, { method: "DELETE", headers: this.headers() }).catch(() => {});
    this.item.remove();
  }
}

class Refusal extends Error {
  constructor(status, problem) {
    const fields = (problem.errors ?? []).map((error) => error.detail).join(" ");
    super([problem.detail, fields].filter(Boolean).join(" ") || `The server refused the file (${status}).`);
    this.code = problem.code;
  }
}

// A 4xx is final. A 5xx or a lost connection is tried again.
async function refuse(response) {
  if (response.ok) return;
  if (response.status >= 500) throw new Error("server");
  const problem = response.bodyUsed ? {} : await response.json().catch(() => ({}));
  throw new Refusal(response.status, problem);
}

// XMLHttpRequest, because fetch does not say how much of a body has been sent.
function patch(address, part, headers, upload, progress) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    upload.request = request;
    request.open("PATCH", address);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.setRequestHeader("Content-Type", "application/offset+octet-stream");
    request.upload.addEventListener("progress", (event) => progress(event.loaded));
    request.addEventListener("error", () => failed(new Error("connection")));
    request.addEventListener("abort", () => failed(new Error("aborted")));
    request.addEventListener("load", () => {
      if (request.status === 204) return done(request);
      if (request.status >= 500) return failed(new Error("server"));
      let problem = {};
      try {
        problem = JSON.parse(request.responseText);
      } catch {
        // A refusal without a document is shown by its status.
      }
      failed(new Refusal(request.status, problem));
    });
    request.send(part);
  });
}

function base64(text) {
  return btoa(String.fromCodePoint(...new TextEncoder().encode(text)));
}

function size(bytes) {
  const units = ["bytes", "kB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log(bytes || 1) / Math.log(1000)));
  return `${(bytes / 1000 ** power).toFixed(power ? 1 : 0)} ${units[power]}`;
}
