// session_report OUT MODEL.toml REVISION: from what a GPU session left in OUT so far, the tables of session.md
// on standard output and OUT/session.json with everything. What is missing is left out.
// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "assumptions.hpp"
#include "case_figures.hpp"
#include "model_cells.hpp"
#include "report/csv_text.hpp"
#include "summary_tables.hpp"
#include "turbomind/model/model_preset.hpp"

namespace {

using namespace turbomind::perf;
using nlohmann::json;
namespace fs = std::filesystem;

// Null where there is none, or one that a cut tore.
json read_json(const fs::path& file) {
  std::ifstream in(file);
  if (!in) return nullptr;
  json content = json::parse(in, nullptr, false);
  return content.is_discarded() ? json(nullptr) : content;
}

// An object for each line of a CSV file; nvidia-smi puts blanks behind its commas.
json read_table(const fs::path& file) {
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto records = lmbench::report::csv_records(text);
  const auto trimmed = [](const std::string& cell) {
    const std::size_t begin = cell.find_first_not_of(' ');
    return begin == std::string::npos ? std::string() : cell.substr(begin);
  };
  json rows = json::array();
  for (std::size_t i = 1; i < records.size(); ++i) {
    json row = json::object();
    for (std::size_t c = 0; c < std::min(records[0].cells.size(), records[i].cells.size()); ++c) {
      row[trimmed(records[0].cells[c])] = trimmed(records[i].cells[c]);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

// Of all folders model_*, but for the one whose kernels start early.
std::vector<CaseFigures> read_model_cases(const fs::path& out, const fs::path& early) {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(out)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory() && name.starts_with("model_") && entry.path() != early) {
      folders.push_back(entry.path());
    }
  }
  std::sort(folders.begin(), folders.end());
  std::vector<CaseFigures> cases;
  for (const fs::path& folder : folders) {
    const std::vector<CaseFigures> own = read_cases(folder / "results.csv");
    cases.insert(cases.end(), own.begin(), own.end());
  }
  return cases;
}

std::vector<KernelTime> kernel_times(const json& rows) {
  std::vector<KernelTime> kernels;
  for (const json& row : rows) {
    kernels.push_back({row.at("name"), row.at("shape"), row.at("bytes"), row.at("flops"),
                       row.at("median_s"), row.at("least_s")});
  }
  return kernels;
}

std::vector<PeerRow> peer_rows(const json& peer) {
  std::vector<PeerRow> rows;
  if (!peer.is_object()) return rows;
  for (const json& row : peer.at("rows")) {
    rows.push_back({row.at("batch"), row.at("prompt_tokens"), row.at("completion_tokens"),
                    row.at("output_tokens_per_s")});
  }
  return rows;
}

json or_null(const std::optional<double>& value) { return value ? json(*value) : json(nullptr); }

json as_json(const Cell& cell) {
  const char* const origin = cell.origin == Origin::measured  ? "measured"
                             : cell.origin == Origin::sampled ? "sampled"
                                                              : "absent";
  return {{"batch", cell.rows},
          {"prompt_tokens", cell.prompt_tokens},
          {"completion_tokens", cell.completion_tokens},
          {"origin", origin},
          {"remark", cell.remark},
          {"fits", cell.fits},
          {"step_s", or_null(cell.step_s)},
          {"output_tok_s", or_null(cell.output_tok_s)},
          {"roofline_percent", or_null(cell.roofline_percent)},
          {"decode_mbu_percent", or_null(cell.mbu_percent)},
          {"prefill_mfu_percent", or_null(cell.mfu_percent)},
          {"sm_clock_mhz", or_null(cell.sm_clock_mhz)},
          {"roofline_target_percent", or_null(roofline_target_percent(cell))},
          {"decode_mbu_target_percent", or_null(mbu_target_percent(cell))},
          {"prefill_mfu_target_percent", or_null(mfu_target_percent(cell))}};
}

json as_json(const std::vector<Cell>& cells) {
  json rows = json::array();
  for (const Cell& cell : cells) rows.push_back(as_json(cell));
  return rows;
}

json as_json(const std::vector<Assumption>& assumptions) {
  json rows = json::array();
  for (const Assumption& row : assumptions) {
    rows.push_back({{"what", row.what},
                    {"assumed", row.assumed},
                    {"unit", row.unit},
                    {"seen", or_null(row.seen)},
                    {"by", row.how}});
  }
  return rows;
}

json with_shares(json rows, const Ceilings& ceilings) {
  const std::vector<KernelTime> kernels = kernel_times(rows);
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    rows[i]["read_percent"] =
        100 * kernels[i].bytes / kernels[i].median_s / ceilings.read_bytes_per_s;
    rows[i]["roofline_percent"] = 100 * roof_s(kernels[i], ceilings) / kernels[i].median_s;
  }
  return rows;
}

void print_section(const std::string& title, const std::string& text) {
  std::cout << "\n## " << title << "\n\n" << text;
}

void print_calibration(const json& calibration) {
  const auto tera = [&](const char* key) { return calibration.at(key).get<double>() / 1e12; };
  const auto us = [&](const char* key) { return calibration.at(key).get<double>(); };
  std::cout << "\n## The card\n\n"
            << calibration.at("device").get<std::string>() << ": reads " << tera("read_bytes_per_s")
            << " TB/s, copies " << tera("copy_bytes_per_s")
            << " TB/s (read and written), bf16 products of 8192^3 at " << tera("bf16_flops_per_s")
            << " TFLOP/s. From the host to a kernel and back through mapped memory: "
            << us("echo_us") << " us, of which a token's way is less than all; from a kernel's "
            << "launch until the host sees what it wrote: " << us("launch_to_host_us")
            << " us. Libraries: " << calibration.at("libraries").dump() << "\n";
}

double figure(const json& calibration, const char* key) {
  return calibration.is_object() ? calibration.at(key).get<double>() : 0;
}

void report(const fs::path& out, const fs::path& preset, const std::string& revision) {
  const json calibration = read_json(out / "calibration.json");
  const json kernels = read_json(out / "kernels.json");
  const json peer = read_json(out / "peer.json");
  const turbomind::Architecture model = turbomind::read_model_preset(preset).architecture;
  const Ceilings ceilings{figure(calibration, "read_bytes_per_s"),
                          figure(calibration, "bf16_flops_per_s")};
  const LeastTime least(turbomind::Roofline(model, turbomind::DataType::bf16, 1), ceilings);
  const fs::path early = out / "model_pdl";
  const Observations seen{
      .least = least,
      .layers = model.num_layer,
      .boundaries = {figure(calibration, "boundary_us"), figure(calibration, "early_boundary_us")},
      .kernels = kernel_times(kernels),
      .cells = cells_of(read_model_cases(out, early), least),
      .early_cells = cells_of(read_cases(early / "results.csv"), least)};
  const std::vector<Assumption> assumptions = compare_assumptions(seen);
  const json session = {{"revision", revision},
                        {"machine", read_table(out / "machine.csv")},
                        {"stages", read_table(out / "stages.csv")},
                        {"calibration", calibration},
                        {"kernels", with_shares(kernels, ceilings)},
                        {"cells", as_json(seen.cells)},
                        {"early_cells", as_json(seen.early_cells)},
                        {"assumptions", as_json(assumptions)},
                        {"peer", peer}};
  std::ofstream(out / "session.json") << session.dump(2) << '\n';
  if (calibration.is_object()) print_calibration(calibration);
  print_section("The model: " + preset.filename().string() + ", bf16", cells_table(seen.cells));
  print_section("Early starts", early_cells_table(seen.early_cells, seen.cells));
  print_section("Hugging Face transformers", peer_table(peer_rows(peer), seen.cells));
  print_section("The step model", assumptions_table(assumptions));
  print_section("Kernels", kernels_table(seen.kernels, ceilings));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: session_report OUT MODEL.toml REVISION\n";
    return 2;
  }
  try {
    report(argv[1], argv[2], argv[3]);
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "session_report: " << e.what() << '\n';
    return 1;
  }
}
