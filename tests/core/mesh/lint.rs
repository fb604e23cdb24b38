//! Rules of a mesh's lint: each fires on a schema that is made for it, and is silent on a close one that is well.

use galactl::kernel::judge::Severity;
use galactl::kernel::lint::{Acceptance, Finding, Rule};
use galactl::mesh::facts::{
    Candidate, Details, ForeignKey, Owner, Program, Schema, Sequence, Stateful, Table, Trigger, UniqueKey,
};
use galactl::mesh::judge::schema;
use galactl::mesh::lint::rules::members;
use galactl::mesh::lint::{Asked, Subject, lint};
use galactl::mesh::rules;
use galactl::ui::lint_text;

use super::world::{World, name, table};

const REGIONS: [&str; 2] = ["pg1 region: eu", "pg2 region: us"];
const NODES: [&str; 2] = ["pg1", "pg2"];
const CUSTOM: &str = "conflicts: {strategy: custom}\ndatabases:\n  - name: shop\n    merges:\n      - {table: public.t, function: 'BEGIN RETURN mine; END'}";

/// A seed with the table `t`, which is well.
struct Case {
    world: World,
    more: Schema,
}

impl Case {
    fn of(sections: &str) -> Self {
        let nodes = if sections.contains("region") { REGIONS } else { NODES };
        let mut world = World::seed_with(sections, &nodes);
        let database = world.database("pg1");
        database.tables = vec![table("t")];
        if sections.contains("region") {
            let t = &mut database.tables[0];
            t.key.insert(0, "region".into());
            t.columns.push("region text NOT NULL".into());
        }
        let details = Details { schema: "public".into(), name: "t".into(), ..Details::default() };
        Self { world, more: Schema { tables: vec![details], ..Schema::default() } }
    }

    fn t(&mut self) -> &mut Table {
        &mut self.world.database("pg1").tables[0]
    }

    fn add(&mut self, table: Table) {
        self.world.database("pg1").tables.push(table);
    }

    fn all(&self) -> Vec<Finding> {
        let basis = self.world.basis();
        let (node, facts) = basis.nodes().next().unwrap();
        let database = &basis.inventory.databases[0];
        let it = schema::subject(&basis, &node.name, facts, database).unwrap();
        let asked = Asked { node: node.name.clone(), version: None, nodes: 2, member: false };
        let subject = Subject { more: Some(&self.more), ..it };
        lint(asked, &[subject], Vec::new(), Vec::new(), &basis.inventory.lint_accepts).findings
    }

    fn found(&self, rule: Rule) -> Vec<Finding> {
        self.all().into_iter().filter(|it| it.rule == rule.code).collect()
    }
}

/// The rule's one finding in a schema that is made so; none before that.
#[track_caller]
fn fires(sections: &str, rule: Rule, make: impl Fn(&mut Case)) -> Finding {
    let mut case = Case::of(sections);
    assert!(case.found(rule).is_empty(), "{:#?}", case.found(rule));
    make(&mut case);
    match <[Finding; 1]>::try_from(case.found(rule)) {
        Ok([finding]) => finding,
        Err(all) => panic!("{all:#?} of {:#?}", case.all()),
    }
}

#[track_caller]
fn silent(sections: &str, rule: Rule, make: impl Fn(&mut Case)) {
    let mut case = Case::of(sections);
    make(&mut case);
    assert!(case.found(rule).is_empty(), "{:#?}", case.found(rule));
}

fn unique(columns: &[&str]) -> UniqueKey {
    UniqueKey {
        name: "t_key".into(),
        columns: columns.iter().map(|it| (*it).into()).collect(),
        exclusion: false,
    }
}

fn points(to: &str, columns: &[&str]) -> ForeignKey {
    ForeignKey {
        name: "t_fkey".into(),
        columns: columns.iter().map(|it| (*it).into()).collect(),
        to: to.into(),
        on_delete: String::new(),
        on_update: String::new(),
    }
}

fn sequence(next: i64, kind: &str) -> Sequence {
    let owner = (!kind.is_empty()).then(|| Owner { column: "public.t.id".into(), kind: kind.into() });
    Sequence { schema: "public".into(), name: "t_id_seq".into(), increment: 1, next, last: i64::MAX, owner }
}

const REGION: &str = "conflicts: {strategy: region}";
const NATIVE: &str = "method: native\nconflicts: {strategy: region}";
const EXCEPT: &str = "databases: [{name: shop, except: [public.left_out]}]";

#[test]
fn nothing_is_found_where_all_is_well() {
    for sections in ["", REGION, NATIVE] {
        let mut case = Case::of(sections);
        case.world.database("pg1").sequences = vec![sequence(1, "bigint")];
        assert!(case.all().is_empty(), "{sections}: {:#?}", case.all());
    }
}

#[test]
fn tables_that_cannot_be_sent() {
    let keyless = fires("", rules::NO_KEY, |case| case.t().key.clear());
    let fix = r#"ALTER TABLE "public"."t" ADD COLUMN "id1" bigint GENERATED ALWAYS AS IDENTITY, ADD PRIMARY KEY ("id1")"#;
    assert!(keyless.fix.contains(fix) && keyless.object == "shop.public.t", "{keyless:#?}");
    let candidate = fires("", rules::NO_KEY, |case| {
        case.t().key.clear();
        let columns = vec!["code".to_owned()];
        case.more.tables[0].candidate =
            Some(Candidate { index: "t_code".into(), constraint: false, columns });
    });
    let of_constraint = fires("", rules::NO_KEY, |case| {
        case.t().key.clear();
        let columns = vec!["code".to_owned()];
        case.more.tables[0].candidate =
            Some(Candidate { index: "t_code_key".into(), constraint: true, columns });
    });
    assert!(
        of_constraint.fix.contains(r#""t" DROP CONSTRAINT "t_code_key", ADD PRIMARY KEY ("code")"#),
        "{of_constraint:#?}"
    );
    assert!(
        candidate.fix.starts_with(r#"ALTER TABLE "public"."t" ADD PRIMARY KEY USING INDEX "t_code""#),
        "{candidate:#?}"
    );
    let region = fires(REGION, rules::NO_KEY, |case| case.t().key.clear());
    assert!(region.fix.contains(r#"ADD PRIMARY KEY ("region", "id1")"#), "{region:#?}");
    let unlogged = fires("", rules::UNLOGGED, |case| case.t().unlogged = true);
    assert!(
        unlogged.fix.contains("SET LOGGED; or leave the table out: `except: [public.t]`"),
        "{unlogged:#?}"
    );
    // What is left out is not looked at.
    let left_out = |case: &mut Case| {
        let mut table = table("left_out");
        (table.unlogged, table.key) = (true, Vec::new());
        case.add(table);
    };
    silent(EXCEPT, rules::UNLOGGED, left_out);
    silent(EXCEPT, rules::NO_KEY, left_out);
    silent(EXCEPT, rules::NOT_LISTED, left_out);
}

#[test]
fn keys_without_the_region() {
    let alien = fires(REGION, rules::REGION_KEY, |case| {
        case.t().key = vec!["id".into()];
        case.more.tables[0].constraint = Some("t_pk".into());
    });
    assert!(alien.fix.starts_with(r#"ALTER TABLE "public"."t" ALTER COLUMN "region" SET NOT NULL, DROP CONSTRAINT "t_pk", ADD PRIMARY KEY ("region", "id")"#), "{alien:#?}");
    let absent = fires(REGION, rules::REGION_KEY, |case| {
        (case.t().key, case.t().columns) = (vec!["id".into()], vec!["id bigint NOT NULL".into()]);
        case.more.tables[0].referenced = true;
    });
    assert!(
        absent.evidence.ends_with("and no such column") && absent.fix.starts_with("drop the foreign keys"),
        "{absent:#?}"
    );
    silent("", rules::REGION_KEY, |case| case.t().key = vec!["id".into()]);
}

#[test]
fn a_replica_identity_that_is_not_the_key() {
    let with = |identity: &'static str| move |case: &mut Case| case.t().identity = identity.into();
    for (sections, identity, severity) in [
        ("", "full", Severity::Degraded),
        ("", "nothing", Severity::Degraded),
        ("", "t_code_key", Severity::Note),
        (NATIVE, "full", Severity::Note),
        (NATIVE, "t_code_key", Severity::Degraded),
    ] {
        let found = fires(sections, rules::REPLICA_IDENTITY, with(identity));
        assert_eq!(found.severity, severity, "{sections} {identity}");
        assert_eq!(found.fix, r#"ALTER TABLE "public"."t" REPLICA IDENTITY DEFAULT"#);
    }
}

#[test]
fn second_keys_and_exclusions_with_the_strategy_in_mind() {
    let second = fires("", rules::SECOND_KEY, |case| case.t().unique = vec![unique(&["email"])]);
    assert!(second.evidence.contains("one is lost") && second.severity == Severity::Note, "{second:#?}");
    let native = fires(NATIVE, rules::SECOND_KEY, |case| case.t().unique = vec![unique(&["email"])]);
    assert!(
        native.evidence.contains("stops the node") && native.fix.starts_with("put `region` into it"),
        "{native:#?}"
    );
    silent(REGION, rules::SECOND_KEY, |case| case.t().unique = vec![unique(&["region", "email"])]);
    silent(CUSTOM, rules::SECOND_KEY, |case| case.t().unique = vec![unique(&["email"])]);
    let excludes = |columns: &'static [&'static str]| {
        move |case: &mut Case| case.t().unique = vec![UniqueKey { exclusion: true, ..unique(columns) }]
    };
    let found = fires("", rules::EXCLUSION, excludes(&["room", "during"]));
    assert!(found.fix.contains(r#"ALTER TABLE "public"."t" DROP CONSTRAINT t_key"#), "{found:#?}");
    silent("", rules::SECOND_KEY, excludes(&["room", "during"]));
    silent(REGION, rules::EXCLUSION, excludes(&["region", "during"]));
}

#[test]
fn foreign_keys_by_what_they_do() {
    let plain =
        fires("", rules::FOREIGN_KEY, |case| case.t().references = vec![points("public.t", &["parent"])]);
    assert_eq!(plain.severity, Severity::Note);
    let cascade = |case: &mut Case| {
        let key = ForeignKey {
            on_delete: "CASCADE".into(),
            on_update: "SET NULL".into(),
            ..points("public.t", &["parent"])
        };
        case.t().references = vec![key];
    };
    let found = fires("", rules::FOREIGN_KEY_CASCADE, cascade);
    assert!(
        found.evidence.ends_with("(parent) to public.t ON DELETE CASCADE ON UPDATE SET NULL"),
        "{found:#?}"
    );
    silent("", rules::FOREIGN_KEY, cascade);
    silent(REGION, rules::FOREIGN_KEY, |case| {
        case.t().references = vec![points("public.t", &["region", "parent"])];
    });
    fires(REGION, rules::FOREIGN_KEY, |case| case.t().references = vec![points("public.t", &["parent"])]);
    let outside = fires(EXCEPT, rules::FOREIGN_KEY_OUTSIDE, |case| {
        case.add(table("left_out"));
        case.t().references = vec![points("public.left_out", &["parent"])];
    });
    assert!(outside.evidence.ends_with("that table is not sent"), "{outside:#?}");
}

fn runs(language: &str, body: &str) -> Program {
    Program { name: "public.f".into(), language: language.into(), body: body.into() }
}

#[test]
fn triggers_that_fire_everywhere_or_only_here() {
    let always = fires("", rules::TRIGGER, |case| case.t().triggers = vec!["audit".into()]);
    assert!(always.fix.starts_with(r#"ALTER TABLE "public"."t" ENABLE TRIGGER "audit""#), "{always:#?}");
    let of = |language: &'static str, body: &'static str| {
        move |case: &mut Case| {
            let trigger = Trigger { name: "tell".into(), program: runs(language, body) };
            case.more.tables[0].triggers = vec![trigger];
            case.add(table("left_out"));
        }
    };
    for (language, body, words) in [
        ("plpgsql", "BEGIN PERFORM pg_notify('t', NEW.id::text); RETURN NEW; END", "notifies"),
        ("plpgsql", "BEGIN INSERT INTO left_out VALUES (1); RETURN NEW; END", "names public.left_out"),
        ("plpgsql", "BEGIN REFRESH MATERIALIZED VIEW v; RETURN NEW; END", "refreshes"),
        ("plpython3u", "return 'OK'", "written in plpython3u"),
    ] {
        let found = fires(EXCEPT, rules::TRIGGER_ORIGIN, of(language, body));
        assert!(found.evidence.contains(words), "{found:#?}");
    }
    for body in [
        "BEGIN INSERT INTO t VALUES (1); RETURN NEW; END",
        "BEGIN -- pg_notify and left_out\n /* NOTIFY */ NEW.v := 'left_outs'; RETURN NEW; END",
    ] {
        silent(EXCEPT, rules::TRIGGER_ORIGIN, of("plpgsql", body));
    }
}

#[test]
fn sequences_and_their_room() {
    let with =
        |own: Sequence| move |case: &mut Case| case.world.database("pg1").sequences = vec![own.clone()];
    // A fifth of the numbers of an integer is used: with a step of 16, that is the end.
    let found = {
        let mut case = Case::of("");
        with(sequence(500_000_000, "integer"))(&mut case);
        case.found(rules::SEQUENCE_ENDS).remove(0)
    };
    assert!(found.fix.contains(r#"ALTER TABLE "public"."t" ALTER COLUMN "id" TYPE bigint; ALTER SEQUENCE "public"."t_id_seq" AS bigint"#), "{found:#?}");
    silent("", rules::SEQUENCE_ENDS, with(sequence(300_000_000, "integer")));
    silent("", rules::SEQUENCE_ENDS, with(sequence(500_000_000, "bigint")));
    fires("sequences: {step: 2}", rules::SEQUENCE_ENDS, with(sequence(1_500_000_000, "integer")));
    silent("sequences: {step: 2}", rules::SEQUENCE_ENDS, with(sequence(500_000_000, "integer")));
    let by_two = Sequence { increment: 2, ..sequence(1, "bigint") };
    let found = fires("", rules::SEQUENCE_INCREMENT, with(by_two.clone()));
    assert_eq!(found.fix, r#"ALTER SEQUENCE "public"."t_id_seq" INCREMENT BY 1"#);
    silent("sequences: {step: 2}", rules::SEQUENCE_INCREMENT, with(by_two));
    fires("", rules::SEQUENCE_ALONE, |case| {
        case.world.database("pg1").sequences = vec![sequence(1, "")];
    });
    silent("", rules::SEQUENCE_ALONE, with(sequence(1, "bigint")));
    let round = fires("", rules::SEQUENCE_CYCLE, |case| case.more.cycling = vec!["public.round".into()]);
    assert!(round.fix.starts_with(r#"ALTER SEQUENCE "public"."round" NO CYCLE"#), "{round:#?}");
}

#[test]
fn what_is_not_sent() {
    let large = fires("", rules::LARGE_OBJECT, |case| case.more.large_objects = 3);
    assert_eq!((large.object.as_str(), large.evidence.as_str()), ("shop", "has 3 large objects"));
    fires("", rules::MATERIALIZED_VIEW, |case| case.more.views = vec!["public.sums".into()]);
    let stateful = fires("", rules::EXTENSION, |case| {
        case.more.extensions = vec![Stateful { name: "pg_cron".into(), tables: vec!["cron.job".into()] }];
    });
    assert!(stateful.evidence.ends_with("cron.job"), "{stateful:#?}");
    let other = fires("databases: [{name: shop, tables: [public.t]}]", rules::NOT_LISTED, |case| {
        case.add(table("other"));
    });
    assert_eq!(other.object, "shop.public.other");
    silent(
        "databases: [{name: shop, tables: [public.t], except: [public.other]}]",
        rules::NOT_LISTED,
        |case| {
            case.add(table("other"));
        },
    );
    let part = |name: &str| Table { root: Some("public.parts".into()), ..table(name) };
    let parts = fires("", rules::PARTITIONED, |case| {
        case.add(part("parts_1"));
        case.add(part("parts_2"));
    });
    assert_eq!((parts.object.as_str(), parts.evidence.as_str()), ("shop.public.parts", "has 2 partitions"));
    let unlogged = |case: &mut Case| case.add(Table { unlogged: true, ..part("parts_1") });
    let accepts = |object: &str| format!("lint: {{accept: [{{rule: unlogged, object: {object}}}]}}");
    silent(&accepts("shop.public.parts"), rules::UNLOGGED, unlogged);
    silent(&accepts("shop.public.parts_1"), rules::UNLOGGED, unlogged);
    fires(&accepts("shop.public.part"), rules::UNLOGGED, unlogged);
    // They go with the table that they are parts of.
    silent("databases: [{name: shop, except: [public.parts]}]", rules::PARTITIONED, |case| {
        case.add(part("parts_1"));
    });
    silent("databases: [{name: shop, tables: [public.t, public.parts]}]", rules::NOT_LISTED, |case| {
        case.add(part("parts_1"));
    });
}

#[test]
fn functions_that_do_not_do_the_same() {
    let with = |body: &'static str| move |case: &mut Case| case.more.programs = vec![runs("plpgsql", body)];
    assert_eq!(fires("", rules::TRUNCATE, with("BEGIN TRUNCATE t; END")).severity, Severity::Note);
    let restarts = fires("", rules::TRUNCATE, with("BEGIN EXECUTE 'TRUNCATE t RESTART IDENTITY'; END"));
    assert_eq!(restarts.severity, Severity::Degraded);
    silent("", rules::TRUNCATE, with("BEGIN DELETE FROM t; -- TRUNCATE\nEND"));
    fires("", rules::LOCK, with("BEGIN PERFORM pg_advisory_xact_lock(1); END"));
    fires("", rules::LOCK, with("BEGIN LOCK TABLE t IN EXCLUSIVE MODE; END"));
    silent("", rules::LOCK, with("BEGIN UPDATE t SET lock = 1; /* LOCK TABLE t */ END"));
}

#[test]
fn rows_that_are_merged() {
    let bare = fires(CUSTOM, rules::MERGE, |case| case.add(table("other")));
    assert!(bare.object == "shop.public.other" && bare.fix.contains("databases.merges"), "{bare:#?}");
    let computed =
        fires(CUSTOM, rules::MERGE, |case| case.t().columns.push("total bigint DEFAULT (id * 2) s".into()));
    assert!(
        computed.fix.starts_with(r#"ALTER TABLE "public"."t" ALTER COLUMN "total" DROP EXPRESSION"#),
        "{computed:#?}"
    );
    fires(CUSTOM, rules::MERGE, |case| case.t().unique = vec![unique(&["email"])]);
    // A function whose table is not there, and a table without one.
    let mut renamed = Case::of(CUSTOM);
    renamed.t().name = "renamed".into();
    assert_eq!(renamed.found(rules::MERGE).len(), 2, "{:#?}", renamed.all());
    // pglogical computes them where rows are not merged.
    silent("", rules::MERGE, |case| case.t().columns.push("total bigint DEFAULT (id * 2) s".into()));
}

#[test]
fn members_are_held_against_each_other() {
    let found = |make: &dyn Fn(&mut World)| {
        let mut world = World::members(&["pg1", "pg2"]);
        make(&mut world);
        let basis = world.basis();
        let all = basis.members();
        let subjects = all.iter().map(|(node, facts)| {
            (&node.name, schema::subject(&basis, &node.name, facts, &basis.inventory.databases[0]).unwrap())
        });
        members(&subjects.collect::<Vec<_>>())
    };
    assert!(found(&|_| {}).is_empty());
    let missing = found(&|world| drop(world.database("pg2").tables.pop()));
    assert_eq!((missing[0].rule, missing.len()), (rules::TABLE_MISSING.code, 1));
    let differs = found(&|world| world.database("pg2").tables[0].columns.push("x text".into()));
    assert_eq!((differs[0].rule, differs.len()), (rules::COLUMNS_DIFFER.code, 1));
    let silent = found(&|world| world.database("pg2").tables[0].sent = false);
    assert_eq!((silent[0].rule, silent.len()), (rules::NOT_SENT.code, 1));
    assert!(silent[0].fix.starts_with("on each of pg2"), "{silent:#?}");
}

#[test]
fn what_is_accepted_is_counted_and_an_old_acceptance_is_told() {
    let mut case = Case::of(
        "lint: {accept: [{rule: unlogged, object: shop.public.t}, {rule: no-key, object: 'shop.*'}]}",
    );
    case.t().unlogged = true;
    let basis = case.world.basis();
    let (node, facts) = basis.nodes().next().unwrap();
    let it = schema::subject(&basis, &node.name, facts, &basis.inventory.databases[0]).unwrap();
    let asked = Asked { node: name("pg1"), version: Some("17.12".into()), nodes: 2, member: false };
    let report = lint(asked, &[it], Vec::new(), Vec::new(), &basis.inventory.lint_accepts);
    let of = |rule: &str, object: &str| Acceptance { rule: rule.into(), object: object.into() };
    assert_eq!(report.accepted_in_vain, [of("no-key", "shop.*")]);
    let text = lint_text(&report, "", None);
    assert!(
        text.ends_with(
            "pg1, PostgreSQL 17.12, for a mesh of 2 nodes: 1 table, 1 sequence: nothing found, 1 accepted\n"
        ),
        "{text}"
    );
}

/// Each rule of the reference is tried here.
#[test]
fn every_rule_has_its_case() {
    let source = include_str!("lint.rs");
    let name = |rule: &Rule| rule.code.name.to_uppercase().replace('-', "_");
    // The names of two constants are not those of their rules.
    let known = |name: &str| match name {
        "EXTENSION_STATE" => "EXTENSION".to_owned(),
        other => other.to_owned(),
    };
    let unseen: Vec<_> = rules::ALL
        .iter()
        .map(|rule| known(&name(rule)))
        .filter(|name| !source.contains(&format!("rules::{name}")))
        .collect();
    assert!(unseen.is_empty(), "no case shows {unseen:?}");
}
