"""Opens report.html in headless Chromium: nothing is asked of a network, nothing is wider than the page, no text is markup.

    python report_page.py report.html [PICTURES-STEM]
"""
import os
import sys

from devtools import Browser


def expect(truth, sentence):
    if not truth:
        raise SystemExit("report page: " + sentence)


page = os.path.abspath(sys.argv[1])
for scheme in ["light", "dark"]:
    browser = Browser(width=1100, scheme=scheme)
    try:
        browser.open(page)
        expect(not browser.problems, "; ".join(browser.problems))
        expect(browser.value("document.querySelectorAll('script, img, link, iframe').length") == 0, "something is loaded")
        expect(browser.value("document.querySelectorAll('svg.chart').length") > 0, "there are no pictures")
        expect(browser.value("document.querySelectorAll('main b').length") == 0, "a text became markup")
        wide = browser.value(
            "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1"
            " && !e.closest('pre')).map(e => e.tagName + ' ' + e.textContent.slice(0, 60)).slice(0, 3).join(' / ')")
        expect(not wide, "wider than the page: " + str(wide))
        dead = browser.value(
            "[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.getElementById(a.getAttribute('href').slice(1)))"
            ".map(a => a.getAttribute('href')).join(' ')")
        expect(not dead, "links lead nowhere: " + str(dead))
        if len(sys.argv) > 2:
            browser.picture(f"{sys.argv[2]}-{scheme}.png")
        if scheme == "light":
            browser.call("Emulation.setEmulatedMedia", media="print")
            if len(sys.argv) > 2:
                import base64
                printed = browser.call("Page.printToPDF", printBackground=True)
                with open(sys.argv[2] + ".pdf", "wb") as file:
                    file.write(base64.b64decode(printed["data"]))
    finally:
        browser.close()
print("report.html stands by itself, light and dark")
