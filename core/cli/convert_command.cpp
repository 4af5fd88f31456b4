// `lmbench convert`: a Hugging Face directory into the engine's own format. The plugin converts,
// in a worker; what was at the destination stays until the conversion has succeeded.
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "cli/commands.hpp"
#include "cli/scenario_sources.hpp"
#include "process/interrupt.hpp"
#include "process/one_shot.hpp"

namespace lmbench::cli {
namespace {

namespace fs = std::filesystem;

// What was not given is not handed over, so that a plugin need not know all of it.
scenario::Options converter_options(const ConvertArguments& arguments) {
  scenario::Options options;
  const auto add_text = [&](const char* key, const std::string& value) {
    if (!value.empty()) options.emplace_back(key, value);
  };
  add_text("model_name", arguments.model_name);
  options.emplace_back("tp", std::int64_t{arguments.tp});
  add_text("model_format", arguments.model_format);
  add_text("quant_path", arguments.quant_path);
  if (!arguments.tokenizer_path.empty()) {
    add_text("tokenizer_path", fs::absolute(arguments.tokenizer_path).string());
  }
  if (arguments.group_size != 0) {
    options.emplace_back("group_size", std::int64_t{arguments.group_size});
  }
  for (auto& option : options_from(arguments.settings)) options.push_back(option);
  return options;
}

// The last component may be missing ("dir/") or be a link; both must not surprise the rename.
fs::path destination_of(const ConvertArguments& arguments) {
  fs::path destination = fs::weakly_canonical(fs::absolute(arguments.destination));
  if (!destination.has_filename()) destination = destination.parent_path();
  if (fs::exists(destination) && !fs::is_directory(destination)) {
    throw Error("the destination '" + arguments.destination + "' is a file");
  }
  if (fs::exists(destination) && !fs::is_empty(destination) && !arguments.force) {
    throw Error("the destination '" + arguments.destination +
                "' is not empty; give --force to replace it");
  }
  return destination;
}

}  // namespace

ExitCode convert_command(const ConvertArguments& arguments) {
  if (!fs::is_directory(arguments.model_path)) {
    throw Error("'" + arguments.model_path + "' is not a directory; convert needs the directory " +
                "of a Hugging Face model (config.json and *.safetensors)");
  }
  try {
    const fs::path destination = destination_of(arguments);
    const fs::path made = destination.string() + ".new-" + std::to_string(::getpid());
    fs::create_directories(destination.parent_path());
    const process::InterruptGuard interrupts;
    process::convert_once({.plugin = arguments.engine,
                           .source = fs::canonical(arguments.model_path).string(),
                           .target = made.string(),
                           .options = converter_options(arguments)});
    fs::remove_all(destination);
    fs::rename(made, destination);
    std::printf("converted '%s' into '%s'\n", arguments.model_path.c_str(), destination.c_str());
  } catch (const fs::filesystem_error& e) {
    throw Error("cannot write '" + e.path1().string() + "': " + e.code().message());
  }
  return ExitCode::ok;
}

}  // namespace lmbench::cli
