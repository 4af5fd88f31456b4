// `lmbench check PLUGIN`: is this plugin what engine_abi.hpp asks for. And, hidden, `lmbench
// check-case`, which is one case in a process of its own.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <cstdio>
#include <filesystem>

#include "cli/commands.hpp"
#include "cli/scenario_sources.hpp"
#include "conformance/check_report.hpp"
#include "conformance/check_run.hpp"
#include "plugin/elf_file.hpp"
#include "plugin/plugin_search.hpp"
#include "process/child_process.hpp"
#include "process/worker.hpp"
#include "report/output_file.hpp"

namespace lmbench::cli {
namespace {

namespace fs = std::filesystem;

template <class Arguments>
conformance::Subject subject_of(const Arguments& arguments) {
  conformance::Subject subject;
  subject.plugin = plugin::find_plugin(arguments.plugin,
                                       plugin::plugin_folders(fs::read_symlink("/proc/self/exe")));
  subject.seed = arguments.seed;
  subject.patience = std::chrono::seconds(arguments.patience_s);
  subject.has_config = !arguments.config.empty();
  if (subject.has_config) subject.options = options_from_file(arguments.config);
  return subject;
}

}  // namespace

ExitCode check_command(const CheckArguments& arguments) {
  if (arguments.is_list) {
    std::fputs(conformance::list_of_cases().c_str(), stdout);
    return ExitCode::ok;
  }
  if (arguments.plugin.empty()) throw Error("check needs a plugin, by name or path");
  const conformance::CheckOrder order{.subject = subject_of(arguments),
                                      .config_file = arguments.config,
                                      .only = arguments.only,
                                      .in_process = arguments.in_process};
  plugin::ElfFile(order.subject.plugin).exported_symbols();  // throws where there is no library
  const auto checked = conformance::check_plugin(order, [](const conformance::CheckedCase& c) {
    std::printf("%s\n", conformance::line_of(c).c_str());
    std::fflush(stdout);
  });
  std::printf("\n%s: %s\n", order.subject.plugin.c_str(), conformance::totals_of(checked).c_str());
  if (!arguments.json.empty()) {
    report::replace_file(arguments.json, conformance::check_json(order, checked));
  }
  return conformance::has_failed(checked) ? ExitCode::benchmark_says_no : ExitCode::ok;
}

ExitCode check_case_command(const CheckCaseArguments& arguments) {
  process::follow_parent();
  const bool is_heard =
      ::fcntl(process::kChannelFd, F_SETFD, FD_CLOEXEC) == 0 &&
      conformance::send_finding(subject_of(arguments), arguments.name, process::kChannelFd);
  if (!is_heard)
    throw Error("'lmbench check-case' is started by lmbench itself; use lmbench check");
  return ExitCode::ok;
}

}  // namespace lmbench::cli
