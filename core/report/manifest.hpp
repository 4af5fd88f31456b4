// manifest.json: what a results folder is of. Enough to tell whether two results may be compared,
// and to run the same plan again.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plugin/identity.hpp"
#include "report/engine_stat.hpp"

namespace lmbench::report {

using NamedTexts = std::vector<std::pair<std::string, std::string>>;
using NamedNumbers = std::vector<std::pair<std::string, double>>;

struct EngineFacts {
  std::string path;  // of the plugin
  std::string name;
  std::string version;
  std::string source_revision;
  std::string toolchain;
  std::string abi;  // "1.0"
  std::uint64_t capabilities = 0;
  std::optional<double> load_s;
  std::vector<plugin::MappedObject> objects;  // the plugin first
  NamedNumbers model;                         // what it says of its model; empty: nothing
  NamedNumbers peak;                          // of the machine, as it says
  std::string peak_device;
  bool is_peak_measured = false;
};

struct CaseFacts {
  std::string case_id;
  std::string config_hash;
  std::string status;
  std::string prompts_sha256;
  std::vector<EngineStat> engine_stats;  // none: the engine counts nothing, or could not be asked
};

struct ModelFile {
  std::string path;
  std::uint64_t bytes = 0;
};

// A start of lmbench that went on with an earlier run.
struct Resume {
  std::vector<std::string> command_line;
  std::string begun_utc;
  std::string ended_utc;  // empty: still running, or killed
};

struct Manifest {
  std::string lmbench_version;
  std::string source_revision;
  int measuring_version = 0;
  plugin::MappedObject executable;  // lmbench itself
  std::vector<std::string> command_line;
  std::string begun_utc;
  std::string ended_utc;        // empty: still running, or killed
  std::vector<Resume> resumes;  // in order; the last may be running
  std::string scenario_path;
  std::string scenario_toml;
  std::uint64_t seed = 0;
  NamedTexts machine;
  std::vector<NamedTexts> devices;  // as NVML tells of them
  NamedTexts environment;
  NamedNumbers clock;    // of the worker
  NamedNumbers harness;  // its cost; empty: not known
  std::vector<ModelFile> model_files;
  std::optional<EngineFacts> engine;                      // once one was loaded
  std::vector<std::pair<std::string, EngineFacts>> arms;  // of an A/B session, by name
  std::vector<CaseFacts> cases;                           // those that have ended
};

// With unit and formula of each column of results.csv behind it.
std::string manifest_json(const Manifest& manifest);

// The file is whole at any moment. Throws Error.
void write_manifest(const std::filesystem::path& file, const Manifest& manifest);

}  // namespace lmbench::report
