"""Drives a headless Chromium over its DevTools protocol, through a pair of pipes: no package, no port.

Chromium reads commands from its file descriptor 3 and answers on 4 (`--remote-debugging-pipe`), as JSON with a NUL
at the end of each.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1280,900",
    "--remote-debugging-pipe",
)
LEFT = (
    "navigated or closed",
    "context was destroyed",
    "Cannot find context",
    "Cannot find default execution context",
)


def chromium() -> str | None:
    """The browser's command, or None where this machine has none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class PageLeft(AssertionError):
    """The page was left for another one while it was asked."""


class Browser:
    """One page of one browser; `logged` holds what it wrote to its console, violations of its policy included."""

    def __init__(self, command: str, profile: Path) -> None:
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        # The shell moves the pipes to where Chromium looks for them.
        start = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        self._process = subprocess.Popen(
            ["bash", "-c", start, "bash", command, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._buffer = b""
        self._number = 0
        self._session = ""
        self.logged: list[str] = []
        self.dialogs: list[str] = []
        self._loaded: set[str] = set()
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")
        self.ask("Page.setLifecycleEventsEnabled", enabled=True)

    def close(self) -> None:
        """Ends the browser that was started here."""
        try:
            self._session = ""
            self.ask("Browser.close")
            self._process.wait(10)
        except (OSError, subprocess.TimeoutExpired, EOFError, TimeoutError):
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        os.close(self._out)

    def open(self, address: str) -> None:
        """Goes to an address and waits until the page has loaded."""
        # By the loader's own name, so that the end of an earlier page is not taken for this one's; an anchor has none.
        if loader := self.ask("Page.navigate", url=address).get("loaderId"):
            self._read_until(lambda: loader in self._loaded)

    def value(self, expression: str) -> Any:
        """What a JavaScript expression gives in the page; promises are waited for."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_for(self, expression: str, seconds: float = 15.0) -> Any:
        """The first truthy value of an expression; raises AssertionError where there is none in that time.

        A page that is left while it is asked answers nothing; the next one is asked again.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if found := self.value(expression):
                    return found
            except PageLeft:
                pass
            time.sleep(0.03)
        raise AssertionError(f"never true: {expression}; the console says {self.logged}")

    def press(self, *keys: str) -> None:
        """Presses keys one after another, wherever the focus is; named as `KeyboardEvent.key` has them."""
        for key in keys:
            for kind in ("keyDown", "keyUp"):
                text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
                self.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, **text)

    def show(self, width: int, height: int, media: str = "") -> None:
        """A window of that size, in CSS pixels; media: "print" for paper."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        self.ask("Emulation.setEmulatedMedia", media=media)

    def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """Sends a command and returns its result."""
        self._number += 1
        number = self._number
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        answers: list[dict[str, Any]] = []

        def answered() -> bool:
            return bool(answers)

        self._read_until(answered, number, answers)
        if "error" in answers[0]:
            said = f"{method}: {answers[0]['error']}"
            raise PageLeft(said) if any(words in said for words in LEFT) else AssertionError(said)
        return dict(answers[0]["result"])

    def _read_until(
        self, done: Callable[[], bool], number: int = 0, answers: list[dict[str, Any]] | None = None
    ) -> None:
        end = time.monotonic() + 30
        while not done():
            while b"\0" not in self._buffer:
                if not select.select([self._in], [], [], max(0.0, end - time.monotonic()))[0]:
                    raise TimeoutError(f"chromium did not answer; its console says {self.logged}")
                read = os.read(self._in, 1 << 20)
                if not read:
                    raise EOFError("chromium ended")
                self._buffer += read
            line, _, self._buffer = self._buffer.partition(b"\0")
            message = json.loads(line)
            if answers is not None and message.get("id") == number:
                answers.append(message)
            self._notice(message.get("method", ""), message.get("params", {}))

    def _notice(self, event: str, said: dict[str, Any]) -> None:
        if event == "Page.lifecycleEvent" and said["name"] == "load":
            self._loaded.add(said["loaderId"])
        elif event == "Log.entryAdded":
            self.logged.append(said["entry"]["text"])
        elif event == "Runtime.consoleAPICalled":
            self.logged.append(" ".join(str(part.get("value", "")) for part in said["args"]))
        elif event == "Runtime.exceptionThrown":
            self.logged.append(str(said["exceptionDetails"].get("exception", {}).get("description", said)))
        elif event == "Page.javascriptDialogOpening":
            self.dialogs.append(said["message"])
            message = {"id": 0, "method": "Page.handleJavaScriptDialog", "params": {"accept": True}}
            os.write(self._out, json.dumps(message | {"sessionId": self._session}).encode() + b"\0")
