/// A drawing whose colours have roles instead of values, so that one drawing serves light and dark pages.
///
/// Coordinates are in pixels of a fixed viewBox. Fonts are those of the system: an SVG on GitHub may load nothing.
struct SVGCanvas {
    let width: Double
    let height: Double
    /// Read aloud in place of the picture: what it is, then what it shows with numbers.
    let title: String
    let summary: String
    private var elements: [Element] = []

    init(width: Double = 820, height: Double, title: String, summary: String) {
        self.width = width
        self.height = height
        self.title = title
        self.summary = summary
    }

    enum Anchor: String { case start, middle, end }
    enum Weight: Int { case regular = 400, strong = 600 }

    mutating func text(
        _ text: String, x: Double, y: Double, size: Double = 13, anchor: Anchor = .start, colour: Colour = .text,
        weight: Weight = .regular
    ) {
        let attributes =
            "x=\"\(number(x))\" y=\"\(number(y))\" font-size=\"\(number(size))\""
            + (anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\"")
            + (weight == .regular ? "" : " font-weight=\"\(weight.rawValue)\"")
        elements.append(Element(name: "text", attributes: attributes, fill: colour, content: text))
    }

    mutating func line(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, colour: Colour = .grid, width: Double = 1,
        isDashed: Bool = false
    ) {
        let attributes =
            "x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" "
            + stroke(width, isDashed)
        elements.append(Element(name: "line", attributes: attributes, stroke: colour))
    }

    mutating func rectangle(
        x: Double, y: Double, width: Double, height: Double, colour: Colour, radius: Double = 0, opacity: Double = 1
    ) {
        let attributes =
            "x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\""
            + (radius > 0 ? " rx=\"\(number(radius))\"" : "")
            + (opacity < 1 ? " fill-opacity=\"\(number(opacity))\"" : "")
        elements.append(Element(name: "rect", attributes: attributes, fill: colour))
    }

    /// A filled dot, or a ring whose inside has the colour of the page.
    mutating func dot(x: Double, y: Double, radius: Double, colour: Colour, isHollow: Bool = false) {
        let attributes = "cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"\(number(radius))\" " + stroke(2, false)
        elements.append(
            Element(name: "circle", attributes: attributes, fill: isHollow ? .page : colour, stroke: colour))
    }

    mutating func polyline(_ points: [(x: Double, y: Double)], colour: Colour, width: Double, opacity: Double = 1) {
        let path = points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
        let attributes =
            "points=\"\(path)\" fill=\"none\" stroke-linejoin=\"round\" " + stroke(width, false)
            + (opacity < 1 ? " stroke-opacity=\"\(number(opacity))\"" : "")
        elements.append(Element(name: "polyline", attributes: attributes, stroke: colour))
    }

    /// Inside a page that names the colours in its style sheet, `--chart-text` and so on, for light and dark.
    func inlined() -> String {
        let size = "viewBox=\"0 0 \(number(width)) \(number(height))\""
        let head =
            "<svg class=\"chart\" \(size) role=\"img\" aria-label=\"\(XMLText.escaped(title + ": " + summary))\">"
        return ([head] + elements.map { $0.text { "var(--chart-\($0.rawValue))" } } + ["</svg>"]).joined(
            separator: "\n")
    }

    func document(_ theme: Theme) -> String {
        let size =
            "width=\"\(number(width))\" height=\"\(number(height))\" viewBox=\"0 0 \(number(width)) \(number(height))\""
        let page = "<rect width=\"100%\" height=\"100%\" fill=\"\(theme.hex(.page))\"/>"
        let head = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) role=\"img\" aria-labelledby=\"title summary\"",
            "     font-family=\"-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif\">",
            "<title id=\"title\">\(XMLText.escaped(title))</title>",
            "<desc id=\"summary\">\(XMLText.escaped(summary))</desc>",
            page,
        ]
        return (head + elements.map { $0.text(theme.hex) } + ["</svg>", ""]).joined(separator: "\n")
    }

    private func stroke(_ width: Double, _ isDashed: Bool) -> String {
        "stroke-width=\"\(number(width))\"" + (isDashed ? " stroke-dasharray=\"4 4\"" : "")
    }

    private struct Element {
        let name: String
        let attributes: String
        var fill: Colour?
        var stroke: Colour?
        var content: String?

        func text(_ value: (Colour) -> String) -> String {
            var tag = "<\(name) \(attributes)"
            if let fill { tag += " fill=\"\(value(fill))\"" }
            if let stroke { tag += " stroke=\"\(value(stroke))\"" }
            guard let content else { return tag + "/>" }
            return tag + ">\(XMLText.escaped(content))</\(name)>"
        }
    }
}

/// What a colour means in a drawing.
enum Colour: String, CaseIterable, Sendable {
    case page, panel, grid, text, muted
    /// What was there before, and what is asked about.
    case before, after
    case good, bad, neutral
}

/// The two pages GitHub shows; every text colour has at least 4.5 : 1 against its page.
package enum Theme: String, CaseIterable, Sendable {
    case light, dark

    func hex(_ colour: Colour) -> String {
        switch (self, colour) {
        case (.light, .page): "#ffffff"
        case (.light, .panel): "#eff2f5"
        case (.light, .grid): "#d1d9e0"
        case (.light, .text): "#1f2328"
        case (.light, .muted): "#59636e"
        case (.light, .before): "#6e7781"
        case (.light, .after): "#0969da"
        case (.light, .good): "#1a7f37"
        case (.light, .bad): "#cf222e"
        case (.light, .neutral): "#afb8c1"
        case (.dark, .page): "#0d1117"
        case (.dark, .panel): "#212830"
        case (.dark, .grid): "#3d444d"
        case (.dark, .text): "#f0f6fc"
        case (.dark, .muted): "#9198a1"
        case (.dark, .before): "#9198a1"
        case (.dark, .after): "#4493f8"
        case (.dark, .good): "#3fb950"
        case (.dark, .bad): "#f85149"
        case (.dark, .neutral): "#656c76"
        }
    }
}

/// At most two decimals and no trailing zeros, so that equal drawings are equal bytes.
private func number(_ value: Double) -> String {
    var text = Figure.fixed(value, digits: 2)
    while text.contains("."), text.last == "0" || text.last == "." {
        let wasPoint = text.last == "."
        text.removeLast()
        if wasPoint { break }
    }
    return text == "-0" ? "0" : text
}
