// SPDX-License-Identifier: Apache-2.0
#include "report/manifest_reader.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#include "error.hpp"

namespace lmbench::report {
namespace {

using Json = nlohmann::ordered_json;

std::string text_or_empty_in(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

NamedTexts texts_from(const Json& json) {
  NamedTexts texts;
  for (const auto& [name, text] : json.items()) texts.emplace_back(name, text.get<std::string>());
  return texts;
}

NamedNumbers numbers_from(const Json& json) {
  NamedNumbers numbers;
  if (!json.is_object()) return numbers;
  for (const auto& [name, number] : json.items()) {
    if (number.is_number()) numbers.emplace_back(name, number.get<double>());
  }
  return numbers;
}

EngineFacts engine_from(const Json& json) {
  EngineFacts engine;
  engine.path = json.at("path");
  engine.name = json.at("name");
  engine.version = json.at("version");
  engine.source_revision = json.at("source_revision");
  engine.toolchain = json.at("toolchain");
  engine.abi = json.at("abi");
  engine.capabilities = json.at("capabilities");
  if (json.at("load_s").is_number()) engine.load_s = json.at("load_s").get<double>();
  for (const Json& object : json.at("objects")) {
    engine.objects.push_back({object.at("path"), object.at("sha256"), object.at("build_id")});
  }
  engine.model = numbers_from(json.at("model"));
  const Json& peak = json.at("peak");
  engine.peak = numbers_from(peak);
  if (!engine.peak.empty()) {
    engine.peak_device = peak.at("device");
    engine.is_peak_measured = peak.at("is_measured");
  }
  return engine;
}

Manifest manifest_from(const Json& json) {
  Manifest m;
  const Json& lmbench = json.at("lmbench");
  m.lmbench_version = lmbench.at("version");
  m.source_revision = lmbench.at("source_revision");
  m.measuring_version = lmbench.at("measuring_version");
  m.executable = {text_or_empty_in(lmbench, "path"), text_or_empty_in(lmbench, "sha256"),
                  text_or_empty_in(lmbench, "build_id")};
  m.command_line = json.at("command_line").get<std::vector<std::string>>();
  m.begun_utc = json.at("begun_utc");
  m.ended_utc = text_or_empty_in(json, "ended_utc");
  for (const Json& resume : json.value("resumes", Json::array())) {
    m.resumes.push_back({.command_line = resume.at("command_line").get<std::vector<std::string>>(),
                         .begun_utc = resume.at("begun_utc"),
                         .ended_utc = text_or_empty_in(resume, "ended_utc")});
  }
  m.scenario_path = json.at("scenario").at("path");
  m.scenario_toml = json.at("scenario").at("resolved_toml");
  m.seed = json.at("seed");
  m.machine = texts_from(json.at("machine"));
  m.environment = texts_from(json.at("environment"));
  for (const Json& file : json.at("model_files")) {
    m.model_files.push_back({file.at("path"), file.at("bytes")});
  }
  if (!json.at("engine").is_null()) m.engine = engine_from(json.at("engine"));
  return m;
}

}  // namespace

Manifest read_manifest(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error("cannot read '" + file.string() + "'; is this a results folder of lmbench?");
  Json json;
  try {
    json = Json::parse(in);
  } catch (const Json::exception&) {
    throw Error("'" + file.string() + "' is not JSON, so it is no manifest of lmbench");
  }
  if (!json.is_object() || !json.contains("lmbench")) {
    throw Error("'" + file.string() + "' is no manifest of lmbench");
  }
  try {
    return manifest_from(json);
  } catch (const Json::exception& e) {
    throw Error("'" + file.string() +
                "' is the manifest of a lmbench that this one cannot read: " + e.what());
  }
}

}  // namespace lmbench::report
