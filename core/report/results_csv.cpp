// SPDX-License-Identifier: Apache-2.0
#include "report/results_csv.hpp"

#include <array>
#include <system_error>

#include "report/csv_text.hpp"
#include "report/legacy_csv.hpp"
#include "report/number_text.hpp"
#include "report/roofline_columns.hpp"
#include "report/round_columns.hpp"
#include "report/telemetry_columns.hpp"

namespace lmbench::report {
namespace {

using Row = CaseResultRow;
using stats::CaseMetrics;
using stats::Distribution;

// ---- the columns, in the order of the file ------------------------------------------------------

struct Named {
  const char* name;
  const char* unit;
  const char* formula;
};

constexpr std::array<Named, kLegacyColumnCount> kLegacy = {{
    {"batch", "-", "N, requests at once"},
    {"prompt_tokens", "-", "P, tokens of a prompt"},
    {"completion_tokens", "-", "R, new tokens of a request"},
    {"throughput(out tok/s)", "1/s", "new tokens / (last end - first due)"},
    {"mem(GB)", "GiB", "(peak - before load) of the devices in use / tp"},
    {"FTL(ave)(s)", "s", "mean of t1 - due"},
    {"FTL(min)(s)", "s", "min of t1 - due"},
    {"FTL(max)(s)", "s", "max of t1 - due"},
    {"50%(s)", "s", "element floor(0.50 n) of the n sorted token gaps"},
    {"75%(s)", "s", "element floor(0.75 n) of the n sorted token gaps"},
    {"95%(s)", "s", "element floor(0.95 n) of the n sorted token gaps"},
    {"99%(s)", "s", "element floor(0.99 n) of the n sorted token gaps"},
}};

struct TextColumn {
  Named named;
  std::string (*cell)(const Row&);
};

const std::array<TextColumn, 14> kIdentity = {{
    {{"case_id", "-", "place in the plan from 1, and shape"},
     [](const Row& r) { return r.case_id; }},
    {{"config_hash", "-", "SHA-256 of all that decides what the row says"},
     [](const Row& r) { return r.config_hash; }},
    {{"status", "-", "how the case ended"},
     [](const Row& r) { return std::string(run::name_of(r.outcome.status)); }},
    {{"reason", "-", "why it did not end ok"}, [](const Row& r) { return r.outcome.reason; }},
    {{"last_words", "-", "end of what the engine said, where it did not end ok"},
     [](const Row& r) { return r.last_words; }},
    {{"engine_build_id", "-", "GNU build-id of the plugin"},
     [](const Row& r) { return r.engine_build_id; }},
    {{"tp", "-", "tensor-parallel ranks, where the scenario says"},
     [](const Row& r) { return r.tp; }},
    {{"round_mode", "-", "barrier or closed"}, [](const Row& r) { return r.round_mode; }},
    {{"rounds", "-", "test rounds, as planned"},
     [](const Row& r) { return r.rounds ? std::to_string(*r.rounds) : std::string(); }},
    {{"flags", "-", "what to keep in mind about the row"},
     [](const Row& r) { return flags_text(r); }},
    {{"prompts_sha256", "-", "SHA-256 of all prompts"},
     [](const Row& r) { return r.prompts_sha256; }},
    {{"variant", "-", "arm of an A/B session"}, [](const Row& r) { return r.variant; }},
    {{"ab_round", "-", "round of an A/B session, from 0"},
     [](const Row& r) { return r.ab_round ? std::to_string(*r.ab_round) : std::string(); }},
    {{"ab_place", "-", "place of the launch in its round, from 0"},
     [](const Row& r) { return r.ab_place ? std::to_string(*r.ab_place) : std::string(); }},
}};

struct NumberColumn {
  Named named;
  std::optional<double> CaseMetrics::*value;
};

const std::array<NumberColumn, 10> kRates = {{
    {{"output_tok_s", "1/s", "new tokens / (last end - first due)"}, &CaseMetrics::output_tok_s},
    {{"total_tok_s", "1/s", "(P + new tokens) of all requests / (last end - first due)"},
     &CaseMetrics::total_tok_s},
    {{"prefill_tok_s", "1/s",
      "sum of P / sum over rounds of (last t1 - release); barrier only, of rounds without a queue"},
     &CaseMetrics::prefill_tok_s},
    {{"decode_tok_s", "1/s", "tokens stamped in steady windows / their length"},
     &CaseMetrics::decode_tok_s},
    {{"steady_share", "-", "length of the steady windows / (last end - first due)"},
     &CaseMetrics::steady_share},
    {{"mean_batch", "-", "sum of (t_last - t1) / (last end - first due)"},
     &CaseMetrics::mean_batch},
    {{"mean_batch_steady", "-", "the same inside the steady windows"},
     &CaseMetrics::steady_mean_batch},
    {{"request_s", "1/s", "finished requests / (last end - first due)"}, &CaseMetrics::request_s},
    {{"tokens_per_event", "-", "mean of k"}, &CaseMetrics::tokens_per_event},
    {{"events_per_call", "-", "events / calls of on_events, warm-up included"},
     &CaseMetrics::events_per_call},
}};

struct DistributionColumns {
  Named named;
  Distribution CaseMetrics::*value;
};

const std::array<DistributionColumns, 11> kDistributions = {{
    {{"queue_runner", "ms", "accept - due"}, &CaseMetrics::queue_runner},
    {{"queue_engine", "ms", "admit - accept"}, &CaseMetrics::queue_engine},
    {{"ftl", "ms", "t1 - due"}, &CaseMetrics::ftl},
    {{"ftl_service", "ms", "t1 - submit"}, &CaseMetrics::ftl_service},
    {{"prefill", "ms", "t1 - admit"}, &CaseMetrics::prefill},
    {{"step_gap", "ms", "t - previous t, of the token events of a request"},
     &CaseMetrics::step_gap},
    {{"token_gap", "ms", "step_gap / k, counted k times"}, &CaseMetrics::token_gap},
    {{"tpot", "ms", "(t_last - t1) / tokens after the first event"}, &CaseMetrics::tpot},
    {{"latency", "ms", "end - due"}, &CaseMetrics::latency},
    {{"submit_lag", "us", "submit - due"}, &CaseMetrics::submit_lag},
    {{"delivery_lag", "us", "t - engine_ns"}, &CaseMetrics::delivery_lag},
}};

struct MemoryColumn {
  Named named;
  std::optional<std::uint64_t> Row::*value;
};

const std::array<MemoryColumn, 5> kMemory = {{
    {{"mem_weights_bytes", "B", "weights, of all devices, as the plugin says"},
     &Row::mem_weights_bytes},
    {{"mem_kv_reserved_bytes", "B", "KV cache reserved, of all devices, as the plugin says"},
     &Row::mem_kv_reserved_bytes},
    {{"mem_kv_peak_bytes", "B", "KV cache used at most, of all devices, as the plugin says"},
     &Row::mem_kv_peak_bytes},
    {{"mem_workspace_bytes", "B", "workspace, of all devices, as the plugin says"},
     &Row::mem_workspace_bytes},
    {{"rss_peak_bytes", "B", "largest resident set of the worker, as the kernel says"},
     &Row::rss_peak_bytes},
}};

// ---- from tables to columns ---------------------------------------------------------------------

Column column(const Named& named, std::function<std::string(const Row&)> cell) {
  return {named.name, named.unit, named.formula, std::move(cell)};
}

void add_legacy(std::vector<Column>& columns) {
  for (std::size_t i = 0; i < kLegacy.size(); ++i) {
    columns.push_back(column(kLegacy[i], [i](const Row& row) { return legacy_cells(row)[i]; }));
  }
}

// A metric's cell is empty where the case has no metrics, or not this one.
template <class Value>
std::function<std::string(const Row&)> metric_cell(const Value& value,
                                                   const std::function<std::string(double)>& text) {
  return [value, text](const Row& row) {
    return row.metrics ? text_or_empty(value(*row.metrics), text) : std::string();
  };
}

// Nanoseconds to the last one, in the unit of the column.
std::function<std::string(double)> time_text(const std::string& unit) {
  if (unit == "us") return [](double ns) { return fixed_text(ns / kNsPerUs, 3); };
  if (unit == "ms") return [](double ns) { return fixed_text(ns / kNsPerMs, 6); };
  return [](double ns) { return fixed_text(ns / kNsPerS, 9); };
}

using Reading = std::function<std::optional<double>(const Distribution&)>;

void add_distribution(const DistributionColumns& metric, std::vector<Column>& columns) {
  const std::string id = metric.named.name;
  const std::string unit = metric.named.unit;
  const auto value = metric.value;
  const auto add = [&](const std::string& name, const std::string& column_unit,
                       const std::string& statistic, const auto& text, const Reading& reading) {
    const auto cell = metric_cell(
        [value, reading](const CaseMetrics& m) -> std::optional<double> {
          if ((m.*value).n == 0) return std::nullopt;
          return reading(m.*value);
        },
        text);
    columns.push_back({name, column_unit, statistic + " of " + metric.named.formula, cell});
  };
  const auto count_text = [](double n) { return fixed_text(n, 0); };
  const auto size_text = [](double n) { return fixed_text(n, 1); };
  add(id + "_n", "-", "number", count_text, [](const auto& d) { return static_cast<double>(d.n); });
  add(id + "_n_eff", "-", "effective number", size_text, [](const auto& d) { return d.n_eff; });
  const std::string stem = id + "_" + unit + "_";
  add(stem + "mean", unit, "mean", time_text(unit), [](const auto& d) { return d.mean; });
  add(stem + "min", unit, "min", time_text(unit), [](const auto& d) { return d.min; });
  add(stem + "max", unit, "max", time_text(unit), [](const auto& d) { return d.max; });
  for (std::size_t i = 0; i < stats::kPercents.size(); ++i) {
    const std::string p = "p" + fixed_text(stats::kPercents[i], 0);
    const auto& text = time_text(unit);
    add(stem + p, unit, p, text, [i](const auto& d) { return d.percentiles[i]; });
    add(stem + p + "_low", unit, "low end of the 95 % interval of " + p, text,
        [i](const auto& d) { return d.bounds[i].low; });
    add(stem + p + "_high", unit, "high end of the 95 % interval of " + p, text,
        [i](const auto& d) { return d.bounds[i].high; });
  }
}

void add_single_figures(std::vector<Column>& columns) {
  columns.push_back(column({"requests", "-", "requests of the test phase"}, [](const Row& row) {
    return row.metrics ? std::to_string(row.metrics->requests) : std::string();
  }));
  columns.push_back(column(
      {"test_s", "s", "last end - first due"},
      metric_cell([](const CaseMetrics& m) { return std::optional(m.test_ns); }, time_text("s"))));
  for (const NumberColumn& rate : kRates) {
    const auto value = rate.value;
    columns.push_back(column(
        rate.named, metric_cell([value](const CaseMetrics& m) { return m.*value; }, number_text)));
  }
  columns.push_back(column({"load_s", "s", "duration of load()"}, [](const Row& row) {
    return text_or_empty(row.load_s, [](double s) { return fixed_text(s, 6); });
  }));
  columns.push_back(column(
      {"first_prefill_ms", "ms", "t1 - due of the very first request, warm-up included"},
      metric_cell([](const CaseMetrics& m) { return m.first_prefill_ns; }, time_text("ms"))));
  columns.push_back(
      column({"harness_share_percent", "%", "cost of an on_events call / mean step_gap"},
             [](const Row& row) { return text_or_empty(row.harness_share_percent, number_text); }));
}

std::vector<Column> make_columns() {
  std::vector<Column> columns;
  add_legacy(columns);
  for (const TextColumn& text : kIdentity) columns.push_back(column(text.named, text.cell));
  add_single_figures(columns);
  add_round_columns(columns);
  add_roofline_columns(columns);
  for (const DistributionColumns& metric : kDistributions) add_distribution(metric, columns);
  for (const MemoryColumn& part : kMemory) {
    columns.push_back(column(part.named, [value = part.value](const Row& row) {
      return row.*value ? std::to_string(*(row.*value)) : std::string();
    }));
  }
  add_telemetry_columns(columns);
  return columns;
}

}  // namespace

const std::vector<Column>& result_columns() {
  static const std::vector<Column> kColumns = make_columns();
  return kColumns;
}

std::string results_header() {
  std::vector<std::string> names;
  for (const Column& c : result_columns()) names.push_back(c.name);
  return csv_line(names, "\n");
}

std::string results_line(const CaseResultRow& row) {
  std::vector<std::string> cells;
  for (const Column& c : result_columns()) cells.push_back(c.cell(row));
  return csv_line(cells, "\n");
}

ResultsCsv::ResultsCsv(const std::filesystem::path& file) : file_(file, OutputFile::Mode::append) {
  std::error_code error;  // no size: not a regular file
  const auto bytes = std::filesystem::file_size(file, error);
  if (error || bytes == 0) file_.append_line(results_header());
}

void ResultsCsv::add(const CaseResultRow& row) { file_.append_line(results_line(row)); }

}  // namespace lmbench::report
