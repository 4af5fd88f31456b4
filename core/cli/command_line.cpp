// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>

#include "error.hpp"
#include "version.hpp"

namespace lmbench::cli {

const char* const kResumeHelp =
    "go on in the results folder of a run that was cut: run what has no row there, and repeat what "
    "failed";
const char* const kRetryHelp = "all: with --resume, measure finished cases again too";

namespace {

constexpr const char* kAbout =
    "Measures how fast LLM generation engines are at a fixed batch, prompt length and completion\n"
    "length. Engines are shared libraries (plugins).\n";

constexpr const char* kExitCodes =
    "Exit codes: 0 ok; 1 a case did not end ok, or a build is slower; 2 bad usage or scenario;\n"
    "3 plugin or engine could not be used; 4 a comparison is unclear or invalid. Results go to\n"
    "standard output or files, all else to standard error.";

constexpr const char* kSetHelp =
    "override a key of the scenario, as in matrix.concurrency=[1,4]; repeatable";

CLI::App* add_run(CLI::App& app, RunArguments& a) {
  CLI::App* run = app.add_subcommand("run", "run a scenario and write its results folder");
  run->add_option("SCENARIO", a.scenario,
                  "scenario file (TOML), from the current folder, then from configs/")
      ->required();
  run->add_option("--set", a.settings, kSetHelp)->type_name("KEY=VALUE")->allow_extra_args(false);
  CLI::Option* out =
      run->add_option("--out", a.out,
                      "results folder, absent or empty; default results/<scenario>-<utc time>")
          ->type_name("DIR");
  CLI::Option* resume = run->add_option("--resume", a.resume, kResumeHelp)->type_name("DIR");
  resume->excludes(out);
  run->add_option("--retry", a.retry, kRetryHelp)
      ->type_name("all")
      ->check(CLI::IsMember({"all"}))
      ->needs(resume);
  run->add_option("--csv", a.csv, "write the 12 columns of profile_generation.py here")
      ->type_name("FILE");
  run->add_flag("--dry-run", a.is_dry_run, "print the plan and what it needs; run nothing")
      ->excludes(resume);
  run->add_flag("--strict", a.strict, "warnings about a case are failures of the case");
  run->add_flag("--checked", a.is_checked,
                "watch the engine's contract with the ABI; costs time in each event");
  run->add_flag(
      "--in-process", a.in_process,
      "no worker process, for debuggers and profilers: a crash of the engine ends lmbench");
  return run;
}

CLI::App* add_ab(CLI::App& app, AbArguments& a) {
  CLI::App* ab = app.add_subcommand("ab", "compare builds of an engine, with a verdict");
  ab->add_option("SCENARIO", a.scenario,
                 "scenario file (TOML), from the current folder, then from configs/")
      ->required();
  ab->add_option("--base", a.base, "the build to compare with: plugin name or path of a .so")
      ->type_name("PLUGIN");
  ab->add_option("--candidate", a.candidate, "the build to judge")->type_name("PLUGIN");
  ab->add_option("--set", a.settings, kSetHelp)->type_name("KEY=VALUE")->allow_extra_args(false);
  ab->add_option("--out", a.out,
                 "results folder, absent or empty; default results/<scenario>-<utc time>")
      ->type_name("DIR");
  ab->add_flag("--resident", a.is_resident,
               "keep the processes of all builds alive: faster, but says nothing about other "
               "launches");
  ab->add_flag("--aa", a.is_aa, "equal builds are meant: measure the noise of this machine");
  ab->add_flag("--dry-run", a.is_dry_run, "print the plan of one launch; run nothing");
  return ab;
}

CLI::App* add_rerun(CLI::App& app, RerunArguments& a) {
  CLI::App* rerun = app.add_subcommand("rerun", "run the plan of an earlier run again");
  rerun->add_option("RESULTS", a.results, "its results folder, or the manifest.json of it")
      ->required();
  rerun
      ->add_option("--out", a.out,
                   "results folder, absent or empty; default results/<scenario>-<utc time>")
      ->type_name("DIR");
  return rerun;
}

CLI::App* add_compare(CLI::App& app, CompareArguments& a) {
  CLI::App* compare = app.add_subcommand(
      "compare", "two finished runs side by side; weaker than ab, as it cannot take out drift");
  compare->add_option("RESULTS_A", a.a, "results folder of a run")->required();
  compare->add_option("RESULTS_B", a.b, "results folder of another one")->required();
  return compare;
}

CLI::App* add_generate(CLI::App& app, GenerateArguments& a) {
  CLI::App* generate = app.add_subcommand(
      "generate", "print the token ids an engine generates, comma-separated on one line");
  generate->add_option("SCENARIO", a.scenario, "scenario file to take engine and sampling from");
  generate->add_option("--engine", a.engine, "plugin name, or path of a .so (default turbomind)");
  generate->add_option("--model", a.model, "model preset or directory")->type_name("PATH");
  generate->add_option("--prompt-tokens", a.prompt_tokens, "token ids, as in 1,80,429")
      ->required()
      ->delimiter(',')
      ->type_name("IDS");
  generate->add_option("--max-new-tokens", a.max_new_tokens, "tokens to generate")
      ->check(CLI::Range(1u, std::numeric_limits<std::uint32_t>::max()))
      ->type_name("N")
      ->capture_default_str();
  generate->add_flag("--ignore-eos", a.ignore_eos, "end-of-text does not end the generation");
  generate->add_option("--set", a.settings, kSetHelp)
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  generate->add_flag("--in-process", a.in_process, "no worker process, for debuggers");
  return generate;
}

CLI::App* add_convert(CLI::App& app, ConvertArguments& a) {
  CLI::App* convert = app.add_subcommand(
      "convert", "convert a Hugging Face directory into the engine's own format");
  convert->add_option("MODEL_NAME", a.model_name, "internlm, llama, ...")->required();
  convert->add_option("MODEL_PATH", a.model_path, "the directory to read")->required();
  convert->add_option("--dst-path,--dst_path", a.destination, "the directory to write")
      ->type_name("DIR")
      ->capture_default_str();
  convert->add_option("--tp", a.tp, "slices for tensor parallelism")
      ->check(CLI::Range(1u, 1024u))
      ->type_name("N")
      ->capture_default_str();
  convert->add_flag("--force", a.force, "replace what is at the destination");
  convert->add_option("--engine", a.engine, "plugin that converts")->capture_default_str();
  convert->add_option("--model-format,--model_format", a.model_format, "hf; empty: find out")
      ->type_name("NAME");
  convert
      ->add_option("--tokenizer-path,--tokenizer_path", a.tokenizer_path, "tokenizer file to copy")
      ->type_name("FILE");
  convert->add_option("--quant-path,--quant_path", a.quant_path, "quantised weights")
      ->type_name("PATH");
  convert->add_option("--group-size,--group_size", a.group_size, "group of quantised weights");
  convert->add_option("--set", a.settings, "further option of the converter; repeatable")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  return convert;
}

CLI::App* add_check(CLI::App& app, CheckArguments& a) {
  CLI::App* check =
      app.add_subcommand("check", "test a plugin against the engine ABI, case by case");
  check->add_option("PLUGIN", a.plugin, "name, or path of a .so");
  check
      ->add_option("--config", a.config,
                   "scenario, or a file with the keys of its [engine.options] alone")
      ->type_name("FILE");
  check->add_option("--only", a.only, "run the cases whose names this regular expression fits")
      ->type_name("REGEX");
  check->add_option("--seed", a.seed, "of the prompts")->type_name("N")->capture_default_str();
  check->add_option("--patience", a.patience_s, "seconds without an event that a case waits")
      ->check(CLI::Range(1u, 86400u))
      ->type_name("N")
      ->capture_default_str();
  check->add_option("--json", a.json, "write what was found to this file, too")->type_name("FILE");
  check->add_flag("--list", a.is_list, "print the cases and run none");
  check->add_flag("--in-process", a.in_process, "no process for each case, for debuggers");
  return check;
}

CLI::App* add_check_case(CLI::App& app, CheckCaseArguments& a) {
  CLI::App* check_case = app.add_subcommand("check-case", "")->group("");
  check_case->add_option("PLUGIN", a.plugin)->required();
  check_case->add_option("NAME", a.name)->required();
  check_case->add_option("--config", a.config);
  check_case->add_option("--seed", a.seed);
  check_case->add_option("--patience", a.patience_s);
  return check_case;
}

[[noreturn]] void refuse(const std::string& sentence, const std::string& help_of) {
  throw Error(sentence + " (lmbench " + (help_of.empty() ? "" : help_of + " ") +
              "--help says what there is)");
}

}  // namespace

CommandLine parse_command_line(std::vector<std::string> words) {
  if (!words.empty() && words.front() == "profile") {
    return ProfileArguments{{words.begin() + 1, words.end()}};
  }
  CLI::App app(kAbout, "lmbench");
  app.footer(kExitCodes);
  app.require_subcommand(1);
  app.set_version_flag("--version", "lmbench " + std::string(version()) + " (" +
                                        std::string(source_revision()) + ")");
  RunArguments run;
  AbArguments ab;
  RerunArguments rerun;
  CompareArguments compare;
  GenerateArguments generate;
  ConvertArguments convert;
  InspectArguments inspect;
  CheckArguments check;
  CheckCaseArguments check_case;
  WorkerArguments worker;
  DescribePluginArguments describe;
  const CLI::App* run_command = add_run(app, run);
  const CLI::App* ab_command = add_ab(app, ab);
  app.add_subcommand("profile",
                     "the same without a scenario file, with the options of "
                     "profile_generation.py");
  const CLI::App* rerun_command = add_rerun(app, rerun);
  const CLI::App* compare_command = add_compare(app, compare);
  const CLI::App* generate_command = add_generate(app, generate);
  CLI::App* inspect_command = app.add_subcommand("inspect", "say what a plugin is");
  inspect_command->add_option("PLUGIN", inspect.plugin, "name or path; none: all that are found");
  inspect_command->add_option("--patience", inspect.patience_s, "seconds to load and create it")
      ->check(CLI::Range(1u, 86400u))
      ->type_name("N")
      ->capture_default_str();
  const CLI::App* convert_command = add_convert(app, convert);
  const CLI::App* check_command = add_check(app, check);
  const CLI::App* check_case_command = add_check_case(app, check_case);
  CLI::App* worker_command = app.add_subcommand("worker", "")->group("");
  worker_command->add_option("--fd", worker.fd)->required();
  worker_command->add_option("--cpus", worker.cpus);
  CLI::App* describe_command = app.add_subcommand("describe-plugin", "")->group("");
  describe_command->add_option("PATH", describe.path)->required();

  const std::string command = words.empty() ? "" : words.front();
  std::reverse(words.begin(), words.end());
  try {
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    return TextToPrint{app.help()};
  } catch (const CLI::CallForVersion& version) {
    return TextToPrint{std::string(version.what()) + "\n"};
  } catch (const CLI::ParseError& e) {
    refuse(e.what(), app.get_subcommands().empty() ? "" : command);
  }
  if (*run_command) return run;
  if (*ab_command) return ab;
  if (*rerun_command) return rerun;
  if (*compare_command) return compare;
  if (*generate_command) return generate;
  if (*convert_command) return convert;
  if (*inspect_command) return inspect;
  if (*check_command) return check;
  if (*check_case_command) return check_case;
  if (*worker_command) return worker;
  return describe;
}

}  // namespace lmbench::cli
