import json
import time

# Seconds to wait for what is looked for.
PATIENCE = 30
MOVES = 8
ATTEMPTS = 3


class Mouse:
    """The mouse and keyboard of a test's browser.

    Unlike a tour, which makes events in the page, this moves the pointer of the
    browser itself: what lies on top gets the press, and a drag passes over what is
    between.
    """

    def __init__(self, browser):
        self._browser = browser

    def click(self, selector, text=""):
        place = self._find(selector, text)
        self._move(place)
        self._press(place)
        self._release(place)

    def drag(self, selector, target):
        """Press on an element, move, and let go on another, or at a place."""
        start = self._find(selector)
        end = target if isinstance(target, tuple) else self._find(target)
        self._move(start)
        self._press(start)
        for step in range(1, MOVES + 1):
            part = step / MOVES
            place = tuple(a + (b - a) * part for a, b in zip(start, end, strict=True))
            self._move(place, pressed=True)
        self._release(end)

    def fill(self, selector, text):
        """Click into a field, and write in place of what is there."""
        self.click(selector)
        self._evaluate(f"document.querySelector({json.dumps(selector)}).select()")
        self._call("Input.insertText", text=text)

    def choose(self, selector, text):
        """Search in a field and click what is found; look whether it was taken."""
        for _attempt in range(ATTEMPTS):
            self.fill(selector, text)
            # The list may be drawn anew under the pointer while the search goes on.
            self.click(".o-autocomplete--dropdown-item", text)
            if self._holds(selector, text):
                return
        raise AssertionError(f"{text} cannot be chosen in {selector}")

    def _holds(self, selector, text):
        """Tell whether a field comes to show ``text`` and keeps it, the list shut."""
        script = f"""
            !document.querySelector(".o-autocomplete--dropdown-item")
            && document.querySelector({json.dumps(selector)})?.value
                === {json.dumps(text)}
        """
        end, before = time.monotonic() + PATIENCE / ATTEMPTS, False
        while time.monotonic() < end:
            holds = self._evaluate(script)
            if holds and before:
                return True
            before = holds
            time.sleep(0.1)
        return False

    def see(self, selector, text=""):
        """Wait for an element that lies still, and return its place."""
        return self._find(selector, text)

    def place_in(self, selector, right, down):
        """Return a place inside an element, as shares of its width and height."""
        left, top, width, height = self._box(selector)
        return left + right * width, top + down * height

    def _find(self, selector, text=""):
        left, top, width, height = self._box(selector, text)
        return left + width / 2, top + height / 2

    def _box(self, selector, text=""):
        script = f"""(() => {{
            const found = [...document.querySelectorAll({json.dumps(selector)})].find(
                (element) => element.textContent.includes({json.dumps(text)})
                    && element.offsetParent !== null);
            if (!found) return null;
            found.scrollIntoView({{ block: "nearest" }});
            const box = found.getBoundingClientRect();
            return [box.left, box.top, box.width, box.height];
        }})()"""
        end, before = time.monotonic() + PATIENCE, None
        while time.monotonic() < end:
            box = self._evaluate(script)
            if box and box == before:
                return box
            before = box
            time.sleep(0.1)
        raise AssertionError(f"The page does not show {selector} {text}".strip())

    def _move(self, place, pressed=False):
        self._mouse("mouseMoved", place, buttons=int(pressed))

    def _press(self, place):
        self._mouse("mousePressed", place, buttons=1, clickCount=1)

    def _release(self, place):
        self._mouse("mouseReleased", place, buttons=0, clickCount=1)

    def _mouse(self, kind, place, **values):
        x, y = place
        self._call(
            "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", **values
        )

    def _evaluate(self, script):
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True)
        return answer.get("result", {}).get("value")

    def _call(self, method, **params):
        return self._browser._websocket_request(method, params=params, timeout=30)
