//! A diagnosis as text.

use console::{Style, style};

use crate::kernel::judge::{Diagnosis, Finding, Severity};

/// A paragraph for each finding, then the verdict.
pub fn diagnosis_text(diagnosis: &Diagnosis) -> String {
    let paragraphs: String = diagnosis.findings.iter().map(paragraph).collect();
    paragraphs + &verdict(diagnosis)
}

fn paragraph(finding: &Finding) -> String {
    let Finding { code, severity, why, remedy, .. } = finding;
    let (word, colour) = match severity {
        Severity::Note => ("note", Style::new().cyan()),
        Severity::Degraded => ("degraded", Style::new().yellow()),
        Severity::Critical => ("critical", Style::new().red().bold()),
    };
    let (word, fix) = (colour.apply_to(word), style("fix:").bold());
    format!("{word}[{code}] {finding}\n  why: {why}\n  {fix} {remedy}\n\n")
}

fn verdict(diagnosis: &Diagnosis) -> String {
    let cluster = &diagnosis.cluster;
    if diagnosis.findings.is_empty() {
        return format!("`{cluster}`: nothing is wrong, and nothing that is seen will be\n");
    }
    let [critical, degraded, notes] = [Severity::Critical, Severity::Degraded, Severity::Note]
        .map(|severity| diagnosis.findings.iter().filter(|finding| finding.severity == severity).count());
    let plural = if notes == 1 { "" } else { "s" };
    format!("`{cluster}`: {critical} critical, {degraded} degraded, {notes} note{plural}\n")
}
