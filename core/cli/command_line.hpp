// What the user typed, as plain values: one struct per sub-command. The only user of CLI11; help
// texts live here and nowhere else.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lmbench::cli {

struct RunArguments {
  std::string scenario;
  std::vector<std::string> settings;  // "key=value", in order
  std::optional<std::string> out;
  std::optional<std::string> resume;
  std::optional<std::string> retry;  // "all"
  std::optional<std::string> csv;
  bool is_dry_run = false;
  bool in_process = false;
  bool strict = false;
  bool is_checked = false;
};

struct ProfileArguments {
  std::vector<std::string> words;  // all that follows "profile": read by cli/profile_options
};

struct AbArguments {
  std::string scenario;
  std::string base;       // plugin name or path; empty: the first [[variant]]
  std::string candidate;  // empty: the other ones
  std::vector<std::string> settings;
  std::optional<std::string> out;
  bool is_resident = false;
  bool is_aa = false;
  bool is_dry_run = false;
};

struct RerunArguments {
  std::string results;  // a results folder, or its manifest
  std::optional<std::string> out;
};

struct CompareArguments {
  std::string a;  // results folders
  std::string b;
};

struct GenerateArguments {
  std::string scenario;  // empty: engine and model say all
  std::string engine;
  std::string model;
  std::vector<std::string> settings;
  std::vector<std::int32_t> prompt_tokens;
  std::uint32_t max_new_tokens = 32;
  bool ignore_eos = false;
  bool in_process = false;
};

struct ConvertArguments {
  std::string model_name;
  std::string model_path;
  std::string model_format;
  std::string tokenizer_path;
  std::string destination = "./workspace";
  std::string quant_path;
  std::uint32_t tp = 1;
  std::uint32_t group_size = 0;
  bool force = false;
  std::string engine = "turbomind";
  std::vector<std::string> settings;  // "key=value": further options of the plugin's converter
};

struct InspectArguments {
  std::string plugin;  // empty: all that are found
  std::uint32_t patience_s = 60;
};

struct CheckArguments {
  std::string plugin;
  std::string config;  // a scenario, or its options alone; empty: none
  std::string only;    // a regular expression; empty: all cases
  std::string json;    // a file to write; empty: none
  std::uint64_t seed = 0;
  std::uint32_t patience_s = 20;
  bool is_list = false;
  bool in_process = false;
};

struct CheckCaseArguments {  // hidden: one case of check, in a process of its own
  std::string plugin;
  std::string name;
  std::string config;
  std::uint64_t seed = 0;
  std::uint32_t patience_s = 20;
};

struct WorkerArguments {  // hidden: how the coordinator starts its workers
  int fd = 3;
  std::string cpus;  // "0-3,8"; empty: all
};

struct DescribePluginArguments {  // hidden: how inspect loads a plugin in a process of its own
  std::string path;
};

// Help or the version was asked for: to be printed on standard output.
struct TextToPrint {
  std::string text;
};

using CommandLine =
    std::variant<RunArguments, ProfileArguments, AbArguments, RerunArguments, CompareArguments,
                 GenerateArguments, ConvertArguments, InspectArguments, CheckArguments,
                 CheckCaseArguments, WorkerArguments, DescribePluginArguments, TextToPrint>;

// words: without the program's name. Throws Error (bad_usage).
CommandLine parse_command_line(std::vector<std::string> words);

// Of the options --resume and --retry, which `run` and `profile` have in common.
extern const char* const kResumeHelp;
extern const char* const kRetryHelp;

}  // namespace lmbench::cli
