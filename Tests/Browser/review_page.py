"""Rates a whole review page with the keyboard alone, in headless Chromium, and saves the file it makes.

    pip install websocket-client && python review_page.py PAGE.html RATINGS.json [PICTURE.png]

Exits 1 with a sentence when something does not work. Needs Chromium.
"""
import glob
import json
import os
import shutil
import sys
import time

from devtools import Browser


def expect(truth, sentence):
    if not truth:
        raise SystemExit("review page: " + sentence)


page, ratings = os.path.abspath(sys.argv[1]), sys.argv[2]
picture = sys.argv[3] if len(sys.argv) > 3 else None
browser = Browser()
try:
    browser.open(page)
    data = json.loads(browser.value("document.getElementById('data').textContent"))
    axes, paired = len(data["axes"]), data["sides"] == 2
    expect(browser.value("document.activeElement.id") == "name", "the first key does not land in the name")
    text = browser.value("document.documentElement.outerHTML")
    expect("tuned" not in text.split('id="data"')[1].split("</script>")[0] or not paired, "the page names the arms")
    browser.type("Key Board")
    browser.press("Enter")
    expect(browser.value("!document.getElementById('card').hidden"), "Enter does not begin")

    # An unfinished card cannot be left by Enter.
    browser.press("4")
    browser.press("Enter")
    expect("card 1 of" in browser.value("document.getElementById('place').textContent"), "an unfinished card is left")
    expect("open" in browser.value("document.getElementById('say').textContent"), "nothing says what is open")
    browser.press("ArrowUp")

    for place, card in enumerate(data["cards"]):
        shown = browser.value("document.getElementById('place').textContent")
        expect(f"card {place + 1} of {len(data['cards'])}" in shown, f"card {place + 1} is not shown: {shown}")
        asked = browser.value("document.getElementById('request').textContent")
        expect(asked == card["prompt"], f"card {place + 1} shows another request")
        for _ in range(axes * data["sides"]):
            browser.press("ArrowUp")
        for number in range(axes * data["sides"]):
            browser.press(str(1 + (place + number) % 5))
        if paired:
            browser.press("asb"[place % 3])
        if place == 2:
            browser.press("n")
            browser.type("a remark with 5 in it")
            browser.press("Escape")
        if place == 1 and picture:
            browser.press("r")
            browser.picture(picture)
        # A reload must not lose what was rated.
        if place == 3:
            browser.open(page)
            expect("3 done" in browser.value("document.getElementById('place').textContent")
                   or "4 done" in browser.value("document.getElementById('place').textContent")
                   or browser.value("document.getElementById('begin').textContent") == "Go on", "a reload loses the work")
            browser.press("Enter")
            continue
        if place + 1 < len(data["cards"]):
            browser.press("Enter")
    browser.press("s", control=True)
    name = os.path.join(browser.folder, data["file"])
    for _ in range(100):
        if os.path.exists(name) and not glob.glob(browser.folder + "/*.crdownload"):
            break
        time.sleep(0.1)
    expect(os.path.exists(name), "Ctrl+S saves no file")
    said = browser.value("document.getElementById('say').textContent")
    expect(said.startswith("Saved. Hand in"), "the page says: " + said)
    with open(name) as file:
        saved = json.load(file)
    expect(saved["name"] == "Key Board", "the name is not in the file")
    expect(saved["cards"][2]["note"] == "a remark with 5 in it", "the remark is not in the file")
    for place, card in enumerate(saved["cards"]):
        given = [card["ratings"][side][axis["id"]] for side in ["a", "b"][: data["sides"]] for axis in data["axes"]]
        expect(given == [1 + (place + number) % 5 for number in range(len(given))], f"card {place + 1} holds {given}")
    expect(not browser.problems, "; ".join(browser.problems))
    shutil.copy(name, ratings)
    print(f"{len(saved['cards'])} cards rated by keyboard, saved as {ratings}")
finally:
    browser.close()
