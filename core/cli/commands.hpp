// The sub-commands, one file each. All throw Error.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command_line.hpp"
#include "error.hpp"

namespace lmbench::cli {

ExitCode run_command(const RunArguments& arguments);
ExitCode profile_command(const ProfileArguments& arguments);
ExitCode rerun_command(const RerunArguments& arguments);
ExitCode ab_command(const AbArguments& arguments);
ExitCode compare_command(const CompareArguments& arguments);
ExitCode generate_command(const GenerateArguments& arguments);
ExitCode convert_command(const ConvertArguments& arguments);
ExitCode inspect_command(const InspectArguments& arguments);
ExitCode check_command(const CheckArguments& arguments);
ExitCode check_case_command(const CheckCaseArguments& arguments);
ExitCode worker_command(const WorkerArguments& arguments);
ExitCode describe_plugin_command(const DescribePluginArguments& arguments);

}  // namespace lmbench::cli
