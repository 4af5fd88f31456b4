// SPDX-License-Identifier: Apache-2.0
#include "report/manifest.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "report/output_file.hpp"
#include "report/results_csv.hpp"

namespace lmbench::report {
namespace {

using Json = nlohmann::ordered_json;

Json object_of(const NamedTexts& texts) {
  Json json = Json::object();
  for (const auto& [name, text] : texts) json[name] = text;
  return json;
}

// Whole numbers without ".0"; null when nothing is known.
Json object_or_null(const NamedNumbers& numbers) {
  constexpr double kLargestExact = 9007199254740992;  // 2^53
  Json json;
  for (const auto& [name, number] : numbers) {
    const bool is_whole = std::floor(number) == number && std::abs(number) <= kLargestExact;
    json[name] = is_whole ? Json(static_cast<std::int64_t>(number)) : Json(number);
  }
  return json;
}

Json engine_json(const EngineFacts& engine) {
  Json json = {{"path", engine.path},
               {"name", engine.name},
               {"version", engine.version},
               {"source_revision", engine.source_revision},
               {"toolchain", engine.toolchain},
               {"abi", engine.abi},
               {"capabilities", engine.capabilities},
               {"load_s", engine.load_s ? Json(*engine.load_s) : Json()}};
  json["objects"] = Json::array();
  for (const plugin::MappedObject& object : engine.objects) {
    json["objects"].push_back(
        {{"path", object.path}, {"sha256", object.sha256}, {"build_id", object.build_id}});
  }
  json["model"] = object_or_null(engine.model);
  json["peak"] = object_or_null(engine.peak);
  if (!engine.peak.empty()) {
    json["peak"]["device"] = engine.peak_device;
    json["peak"]["is_measured"] = engine.is_peak_measured;
  }
  return json;
}

Json arms_json(const std::vector<std::pair<std::string, EngineFacts>>& arms) {
  Json json = Json::array();
  for (const auto& [name, facts] : arms) {
    Json arm = {{"name", name}};
    arm.update(engine_json(facts));
    arm["name"] = name;
    arm["engine"] = facts.name;
    json.push_back(std::move(arm));
  }
  return json;
}

Json cases_json(const std::vector<CaseFacts>& cases) {
  Json json = Json::array();
  for (const CaseFacts& facts : cases) {
    json.push_back({{"case_id", facts.case_id},
                    {"config_hash", facts.config_hash},
                    {"status", facts.status},
                    {"prompts_sha256", facts.prompts_sha256}});
    if (facts.engine_stats.empty()) continue;
    json.back()["engine_stats"] = engine_stats_json(facts.engine_stats);
  }
  return json;
}

Json time_or_null(const std::string& utc) { return utc.empty() ? Json() : Json(utc); }

Json resumes_json(const std::vector<Resume>& resumes) {
  Json json = Json::array();
  for (const Resume& resume : resumes) {
    json.push_back({{"command_line", resume.command_line},
                    {"begun_utc", resume.begun_utc},
                    {"ended_utc", time_or_null(resume.ended_utc)}});
  }
  return json;
}

Json devices_json(const std::vector<NamedTexts>& devices) {
  Json json = Json::array();
  for (const NamedTexts& device : devices) json.push_back(object_of(device));
  return json;
}

Json model_files_json(const std::vector<ModelFile>& files) {
  Json json = Json::array();
  for (const ModelFile& file : files) {
    json.push_back({{"path", file.path}, {"bytes", file.bytes}});
  }
  return json;
}

Json columns_json() {
  Json json = Json::object();
  for (const Column& column : result_columns()) {
    json[column.name] = {{"unit", column.unit}, {"formula", column.formula}};
  }
  return json;
}

}  // namespace

std::string manifest_json(const Manifest& m) {
  Json json;
  json["lmbench"] = {{"version", m.lmbench_version},
                     {"source_revision", m.source_revision},
                     {"measuring_version", m.measuring_version},
                     {"path", m.executable.path},
                     {"sha256", m.executable.sha256},
                     {"build_id", m.executable.build_id}};
  json["command_line"] = m.command_line;
  json["begun_utc"] = m.begun_utc;
  json["ended_utc"] = time_or_null(m.ended_utc);
  json["resumes"] = resumes_json(m.resumes);
  json["scenario"] = {{"path", m.scenario_path}, {"resolved_toml", m.scenario_toml}};
  json["seed"] = m.seed;
  json["machine"] = object_of(m.machine);
  json["devices"] = devices_json(m.devices);
  json["environment"] = object_of(m.environment);
  json["clock"] = object_or_null(m.clock);
  json["harness"] = object_or_null(m.harness);
  json["model_files"] = model_files_json(m.model_files);
  json["engine"] = m.engine ? engine_json(*m.engine) : Json();
  if (!m.arms.empty()) json["arms"] = arms_json(m.arms);
  json["cases"] = cases_json(m.cases);
  json["columns"] = columns_json();
  // Paths and variables of the environment need not be UTF-8: what is not is replaced.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void write_manifest(const std::filesystem::path& file, const Manifest& manifest) {
  replace_file(file, manifest_json(manifest));
}

}  // namespace lmbench::report
