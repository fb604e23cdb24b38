//! A diagnosis as text.

use console::{Style, style};

use crate::galera::doctor::{Ailment, Diagnosis, Severity};

/// A paragraph for each ailment, then the verdict.
pub fn diagnosis_text(diagnosis: &Diagnosis) -> String {
    let paragraphs: String = diagnosis.ailments.iter().map(paragraph).collect();
    paragraphs + &verdict(diagnosis)
}

fn paragraph(ailment: &Ailment) -> String {
    let Ailment { severity, node, slug, what, why, mend } = ailment;
    let node = node.as_ref().map_or_else(String::new, |node| format!("{node}: "));
    let (word, colour) = match severity {
        Severity::Note => ("note", Style::new().cyan()),
        Severity::Degraded => ("degraded", Style::new().yellow()),
        Severity::Critical => ("critical", Style::new().red().bold()),
    };
    let (word, mend_word) = (colour.apply_to(word), style("mend:").bold());
    format!("{word}[{slug}] {node}{what}\n  why:  {why}\n  {mend_word} {mend}\n\n")
}

fn verdict(diagnosis: &Diagnosis) -> String {
    let cluster = &diagnosis.cluster;
    if diagnosis.ailments.is_empty() {
        return format!("`{cluster}`: nothing is wrong, and nothing that is seen will be\n");
    }
    let [critical, degraded, notes] = [Severity::Critical, Severity::Degraded, Severity::Note]
        .map(|severity| diagnosis.ailments.iter().filter(|ailment| ailment.severity == severity).count());
    let plural = if notes == 1 { "" } else { "s" };
    format!("`{cluster}`: {critical} critical, {degraded} degraded, {notes} note{plural}\n")
}
