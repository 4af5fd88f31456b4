// lmbench: reads the command line, runs one sub-command, and is the one place that catches.
// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "error.hpp"
#include "process/worker_link.hpp"
#include "telemetry/periodic_thread.hpp"

namespace lmbench::cli { namespace {

ExitCode execute(const RunArguments& a) { return run_command(a); }
ExitCode execute(const ProfileArguments& a) { return profile_command(a); }
ExitCode execute(const RerunArguments& a) { return rerun_command(a); }
ExitCode execute(const AbArguments& a) { return ab_command(a); }
ExitCode execute(const CompareArguments& a) { return compare_command(a); }
ExitCode execute(const GenerateArguments& a) { return generate_command(a); }
ExitCode execute(const ConvertArguments& a) { return convert_command(a); }
ExitCode execute(const InspectArguments& a) { return inspect_command(a); }
ExitCode execute(const CheckArguments& a) { return check_command(a); }
ExitCode execute(const CheckCaseArguments& a) { return check_case_command(a); }
ExitCode execute(const WorkerArguments& a) { return worker_command(a); }
ExitCode execute(const DescribePluginArguments& a) { return describe_plugin_command(a); }
ExitCode execute(const TextToPrint& a) {
  std::fputs(a.text.c_str(), stdout);
  return ExitCode::ok;
}

ExitCode execute_guarded(const std::vector<std::string>& words) {
  try {
    return std::visit([](const auto& arguments) { return execute(arguments); },
                      parse_command_line(words));
  } catch (const Error& e) {
    std::fprintf(stderr, "lmbench: error: %s\n", e.what());
    return e.exit_code();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "lmbench: error: unexpected: %s\n", e.what());
    return ExitCode::engine_unusable;
  }
}

}}  // namespace lmbench::cli

int main(int argc, char** argv) {
  // A limit on the size of files is then an error of the write that meets it, with a sentence.
  ::signal(SIGXFSZ, SIG_IGN);
  const auto code = static_cast<int>(
      lmbench::cli::execute_guarded(std::vector<std::string>(argv + 1, argv + argc)));
  if (std::fflush(stdout) != 0) {
    std::fputs("lmbench: error: cannot write to standard output\n", stderr);
    std::_Exit(static_cast<int>(lmbench::ExitCode::bad_usage));
  }
  // An engine or a driver still runs in a thread of ours and would run into what a normal exit tears
  // down.
  if (lmbench::process::has_stray_thread() || lmbench::telemetry::has_stray_thread())
    std::_Exit(code);
  return code;
}
