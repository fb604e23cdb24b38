//! Plots as inline SVG: bars of several groups, and lines over time.

#![allow(clippy::cast_precision_loss, reason = "positions in a picture")]

const WIDTH: f64 = 640.0;
const BAR: f64 = 22.0;
const LABEL: f64 = 130.0;
const HEIGHT: f64 = 160.0;
/// Told apart also without colours by their order in the legend.
const COLOURS: [&str; 6] = ["#1f77b4", "#d95f02", "#1b9e77", "#7570b3", "#666666", "#e7298a"];

/// Text as HTML shows it.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// One bar a name.
pub fn bars(title: &str, unit: &str, values: &[(String, f64)]) -> String {
    let most = values.iter().map(|(_, value)| *value).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let mut svg = opened(title, values.len() as f64 * BAR + 4.0);
    for (at, (name, value)) in values.iter().enumerate() {
        let (y, width) = (at as f64 * BAR, (WIDTH - LABEL - 110.0) * value / most);
        svg += &format!(
            "<text x=\"0\" y=\"{:.0}\">{}</text><rect x=\"{LABEL}\" y=\"{:.0}\" width=\"{width:.1}\" height=\"14\" fill=\"{}\"/>\
             <text x=\"{:.1}\" y=\"{:.0}\">{value:.1} {}</text>",
            y + 14.0,
            escaped(name),
            y + 3.0,
            COLOURS[0],
            LABEL + width + 6.0,
            y + 14.0,
            escaped(unit)
        );
    }
    svg + "</svg></figure>\n"
}

/// One line a name, a value a second.
pub fn lines(title: &str, series: &[(String, Vec<u64>)]) -> String {
    let most = series.iter().flat_map(|(_, values)| values).copied().max().unwrap_or(0).max(1) as f64;
    let seconds = series.iter().map(|(_, values)| values.len()).max().unwrap_or(0).max(2) as f64;
    let mut svg = opened(title, HEIGHT + 40.0);
    svg += &format!(
        "<line x1=\"40\" y1=\"{HEIGHT}\" x2=\"{WIDTH}\" y2=\"{HEIGHT}\" stroke=\"#999\"/><text x=\"0\" y=\"12\">{most:.0}</text>\
         <text x=\"0\" y=\"{HEIGHT}\">0</text><text x=\"{:.0}\" y=\"{:.0}\">{:.0} s</text>",
        WIDTH - 40.0,
        HEIGHT + 14.0,
        seconds
    );
    for (at, (name, values)) in series.iter().enumerate() {
        let colour = COLOURS[at % COLOURS.len()];
        let point = |(second, value): (usize, &u64)| {
            let x = 40.0 + (WIDTH - 40.0) * second as f64 / (seconds - 1.0);
            format!("{x:.1},{:.1}", HEIGHT - (HEIGHT - 10.0) * *value as f64 / most)
        };
        let points: Vec<_> = values.iter().enumerate().map(point).collect();
        svg += &format!(
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"{}\"/>\
             <text x=\"{:.0}\" y=\"{:.0}\" fill=\"{colour}\">{}</text>",
            points.join(" "),
            40.0 + at as f64 * 110.0,
            HEIGHT + 32.0,
            escaped(name)
        );
    }
    svg + "</svg></figure>\n"
}

fn opened(title: &str, height: f64) -> String {
    let title = escaped(title);
    format!(
        "<figure><figcaption>{title}</figcaption><svg viewBox=\"0 0 {WIDTH:.0} {height:.0}\" width=\"{WIDTH:.0}\" \
         height=\"{height:.0}\" role=\"img\" aria-label=\"{title}\">"
    )
}
