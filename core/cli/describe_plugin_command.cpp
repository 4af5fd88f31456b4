// `lmbench describe-plugin PATH`, hidden: what inspect starts for each plugin.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "cli/commands.hpp"
#include "cli/plugin_description.hpp"
#include "process/child_process.hpp"
#include "process/worker.hpp"

namespace lmbench::cli {

ExitCode describe_plugin_command(const DescribePluginArguments& arguments) {
  process::follow_parent();
  const bool is_heard = ::fcntl(process::kChannelFd, F_SETFD, FD_CLOEXEC) == 0 &&
                        send_description(arguments.path, process::kChannelFd);
  if (!is_heard) {
    throw Error("'lmbench describe-plugin' is started by lmbench itself; use lmbench inspect");
  }
  return ExitCode::ok;
}

}  // namespace lmbench::cli
