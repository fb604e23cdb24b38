//! The panels as a dashboard that Grafana imports. Its types are those of Grafana's foundation SDK, against which a test
//! holds it.

use serde_json::{Value, json};

use super::panel::{Kind, STATES, Unit};
use super::view::{LineView, PageView, PanelView, pages};
use crate::galera::inventory::Inventory;
use crate::galera::monitoring::names::identifier;
use crate::galera::monitoring::scrape::INTERVAL;

/// The version of the model of dashboards that Grafana 11 writes; later ones read it.
const MODEL: u32 = 39;
/// Grafana's grid has 24 columns.
const COLUMNS: usize = 24;
/// Rows of the grid.
const HEIGHTS: [usize; 2] = [4, 8];

/// The dashboard as JSON.
pub fn grafana(inventory: &Inventory) -> String {
    let pages = pages(inventory);
    let dashboard = json!({
        // An import replaces what was imported before.
        "uid": identifier(inventory),
        "title": format!("galactl: {}", inventory.cluster),
        "description": "Written by galactl from the inventory: change it there, not here.",
        "tags": ["galactl", "galera"],
        "timezone": "browser",
        "editable": true,
        "graphTooltip": 1,
        "schemaVersion": MODEL,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": [source(), member(&pages)]},
        "annotations": {"list": []},
        "panels": panels(&pages),
    });
    format!("{dashboard:#}\n")
}

/// The choice of the Prometheus that is asked.
fn source() -> Value {
    json!({"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"})
}

/// The choice of a member: [`super::CHOSEN`].
fn member(pages: &[PageView]) -> Value {
    let mut members: Vec<&str> = Vec::new();
    for member in pages.iter().flat_map(|page| &page.members) {
        if !members.contains(&member.as_str()) {
            members.push(member);
        }
    }
    json!({
        "name": "node",
        "label": "Member",
        "type": "custom",
        "query": members.join(","),
        "multi": true,
        "includeAll": true,
        "allValue": ".+",
        "current": {"text": "All", "value": "$__all"},
    })
}

/// A heading for each page, with its panels below.
fn panels(pages: &[PageView]) -> Vec<Value> {
    let mut out = Vec::new();
    let mut top = 0;
    for page in pages {
        let place = json!({"x": 0, "y": top, "w": COLUMNS, "h": 1});
        out.push(json!({
            "id": out.len() + 1, "type": "row", "title": page.title, "collapsed": false, "gridPos": place, "panels": [],
        }));
        top += 1;
        for (kind, height) in [Kind::Now, Kind::Graph].into_iter().zip(HEIGHTS) {
            let all: Vec<_> = page.panels.iter().filter(|panel| panel.kind == kind).collect();
            let abreast = match kind {
                Kind::Now => all.len().max(1),
                Kind::Graph => 2,
            };
            for row in all.chunks(abreast) {
                let width = COLUMNS / abreast;
                for (column, panel) in row.iter().enumerate() {
                    let place = json!({"x": column * width, "y": top, "w": width, "h": height});
                    out.push(shown(panel, out.len() + 1, &place));
                }
                top += height;
            }
        }
    }
    out
}

fn shown(panel: &PanelView, id: usize, place: &Value) -> Value {
    let source = json!({"type": "prometheus", "uid": "${datasource}"});
    let target = |(index, line): (usize, &LineView)| {
        json!({
            "refId": char::from(b'A' + u8::try_from(index).unwrap_or(25)).to_string(),
            "datasource": source,
            "expr": line.query,
            "legendFormat": line.legend,
            "instant": panel.kind == Kind::Now,
            "range": panel.kind == Kind::Graph,
        })
    };
    let (kind, options) = match panel.kind {
        Kind::Now => ("stat", stat()),
        Kind::Graph => ("timeseries", timeseries()),
    };
    json!({
        "id": id,
        "type": kind,
        "title": panel.title,
        "description": panel.doc,
        "datasource": source,
        "gridPos": place,
        "interval": INTERVAL,
        "targets": panel.lines.iter().enumerate().map(target).collect::<Vec<_>>(),
        "options": options,
        "fieldConfig": {"defaults": fields(panel), "overrides": []},
    })
}

fn stat() -> Value {
    json!({
        "graphMode": "none",
        "colorMode": "value",
        "justifyMode": "auto",
        "textMode": "value_and_name",
        "wideLayout": true,
        "showPercentChange": false,
        "percentChangeColorMode": "standard",
        "orientation": "auto",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": false},
    })
}

fn timeseries() -> Value {
    json!({
        "legend": {"calcs": ["lastNotNull", "max"], "displayMode": "list", "placement": "bottom", "showLegend": true},
        "tooltip": {"mode": "multi", "sort": "desc"},
    })
}

fn fields(panel: &PanelView) -> Value {
    let mut fields = json!({
        "unit": unit(panel.unit),
        "mappings": mappings(panel.unit),
        "thresholds": {"mode": "absolute", "steps": steps(panel)},
    });
    if panel.kind == Kind::Graph {
        fields["min"] = 0.into();
        let style = if panel.limits.is_some() { "dashed" } else { "off" };
        fields["custom"] = json!({"drawStyle": "line", "fillOpacity": 0, "thresholdsStyle": {"mode": style}});
    }
    if panel.unit == Unit::Share && panel.kind == Kind::Graph {
        fields["max"] = 1.into();
    }
    fields
}

/// From a value on, a colour. A node that is in no Primary component is red, and so is one that gets its data.
fn steps(panel: &PanelView) -> Vec<Value> {
    let step = |value: Option<f64>, color: &str| json!({"value": value, "color": color});
    match (panel.limits, panel.unit) {
        (Some([warn, critical]), _) => {
            vec![step(None, "green"), step(Some(warn), "orange"), step(Some(critical), "red")]
        }
        (None, Unit::Truth) => vec![step(None, "red"), step(Some(1.0), "green")],
        (None, Unit::State) => vec![step(None, "red"), step(Some(2.0), "orange"), step(Some(4.0), "green")],
        (None, _) => vec![step(None, "green")],
    }
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Number | Unit::Truth | Unit::State => "short",
        Unit::Exact => "none",
        Unit::Rate => "ops",
        Unit::Share => "percentunit",
        Unit::Seconds => "s",
        Unit::Throughput => "Bps",
    }
}

/// The words in place of values.
fn mappings(unit: Unit) -> Value {
    let words: Vec<(usize, &str)> = match unit {
        Unit::Truth => vec![(0, "no"), (1, "yes")],
        Unit::State => STATES.into_iter().enumerate().map(|(index, word)| (index + 1, word)).collect(),
        _ => return json!([]),
    };
    let options: serde_json::Map<_, _> =
        words.into_iter().map(|(value, word)| (value.to_string(), json!({"text": word}))).collect();
    json!([{"type": "value", "options": options}])
}
