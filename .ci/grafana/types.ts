// What a dashboard is when it is written as JSON, by the types of Grafana's foundation SDK. `types` of panels that
// galactl does not use are left out.

import type {Dashboard, FieldConfig, Panel, RowPanel} from "@grafana/grafana-foundation-sdk/dashboard";
import type * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import type * as stat from "@grafana/grafana-foundation-sdk/stat";
import type * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";

// The SDK's types are for programs: they have methods, and enums, which a text in JSON is not.
type Written<T> =
  0 extends 1 & T ? T :
  T extends string ? `${T}` :
  T extends number | boolean | null | undefined ? T :
  T extends (infer Entry)[] ? Written<Entry>[] :
  T extends object ? {[Key in keyof T as T[Key] extends Function ? never : Key]: Written<T[Key]>} :
  T;

// The SDK leaves open what stands in a panel; each kind of panel has types of its own for that.
type PanelOf<Kind extends string, Options, Custom> =
  Omit<Written<Panel>, "type" | "options" | "targets" | "fieldConfig"> & {
    type: Kind;
    options: Written<Options>;
    targets: Written<prometheus.Dataquery>[];
    fieldConfig: {
      defaults: Omit<Written<FieldConfig>, "custom"> & {custom?: Partial<Written<Custom>>};
      overrides: [];
    };
  };

type Row = Written<RowPanel> & {type: "row"};
type Stat = PanelOf<"stat", stat.Options, never>;
type Graph = PanelOf<"timeseries", timeseries.Options, timeseries.FieldConfig>;

export type WrittenDashboard = Omit<Written<Dashboard>, "panels"> & {panels: (Row | Stat | Graph)[]};
