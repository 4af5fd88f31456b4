// SPDX-License-Identifier: Apache-2.0
#include "plugin/plugin_search.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "error.hpp"
#include "temporary_folder.hpp"

using lmbench::plugin::find_plugin;
using lmbench::plugin::plugin_folders;
using lmbench::plugin::plugins_in;
using lmbench::test::TemporaryFolder;
namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

namespace {

fs::path touched(const fs::path& file) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << "x";
  return file;
}

// LMBENCH_PLUGIN_PATH for the life of a test.
class PluginPath {
 public:
  explicit PluginPath(const std::string& value) {
    ::setenv("LMBENCH_PLUGIN_PATH", value.c_str(), 1);
  }
  PluginPath(const PluginPath&) = delete;
  PluginPath& operator=(const PluginPath&) = delete;
  ~PluginPath() { ::unsetenv("LMBENCH_PLUGIN_PATH"); }
};

std::string refusal_of(const std::string& name, const Paths& folders) {
  try {
    find_plugin(name, folders);
  } catch (const lmbench::Error& e) {
    CHECK(e.exit_code() == lmbench::ExitCode::engine_unusable);
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("plugins are beside the executable, in its install tree, then in LMBENCH_PLUGIN_PATH") {
  const TemporaryFolder place;
  const fs::path root = place.path();
  for (const char* folder : {"bin/plugins", "lib/lmbench/plugins", "one", "two"}) {
    fs::create_directories(root / folder);
  }
  const PluginPath path((root / "one").string() + "::" + (root / "absent").string() + ":" +
                        (root / "two").string() + ":" + (root / "one/../one").string());
  CHECK(plugin_folders(root / "bin/lmbench") ==
        Paths{root / "bin/plugins", root / "lib/lmbench/plugins", root / "one", root / "two"});
}

TEST_CASE("a name is a file of the first folder that has it") {
  const TemporaryFolder place;
  const Paths folders = {place.path() / "a", place.path() / "b"};
  const fs::path second = touched(folders[1] / "x.so");
  CHECK(find_plugin("x", folders) == second);
  const fs::path first = touched(folders[0] / "x.so");
  CHECK(find_plugin("x", folders) == first);
}

TEST_CASE("what has a slash is a path, and becomes absolute and canonical") {
  const TemporaryFolder place;
  const lmbench::test::CurrentFolder here(place.path());
  const fs::path file = touched(place.path() / "real/x.so");
  fs::create_symlink(file, place.path() / "link.so");
  CHECK(find_plugin("./real/../link.so", {}) == file);
  CHECK(refusal_of("./absent.so", {}) ==
        "there is no plugin file '" + (place.path() / "absent.so").string() + "'");
}

TEST_CASE("a name that is nowhere lists the folders, and a near name") {
  const TemporaryFolder place;
  const Paths folders = {place.path() / "a", place.path() / "b"};
  touched(folders[0] / "turbomind.so");
  touched(folders[1] / "null.so");
  const std::string in = "' in " + folders[0].string() + ", " + folders[1].string();
  CHECK(refusal_of("turbomnd", folders) ==
        "there is no plugin 'turbomnd" + in + "; did you mean 'turbomind'?");
  CHECK(refusal_of("other", folders) == "there is no plugin 'other" + in);
  CHECK(refusal_of("null.so", folders) ==
        "there is no plugin 'null.so" + in + "; a file is named with its folder, as in ./null.so");
  CHECK(refusal_of("", folders) == "the name of the plugin is empty");
  CHECK(refusal_of("null", {}).find("LMBENCH_PLUGIN_PATH") != std::string::npos);
}

TEST_CASE("all plugins are listed by folder and name, each name as it would be found") {
  const TemporaryFolder place;
  const Paths folders = {place.path() / "b", place.path() / "a", place.path() / "absent"};
  touched(folders[0] / "libengine.so.1");
  touched(folders[0] / "notes.txt");
  const fs::path z = touched(folders[0] / "z.so");
  const fs::path x = touched(folders[0] / "x.so");
  touched(folders[1] / "x.so");
  const fs::path a = touched(folders[1] / "a.so");
  CHECK(plugins_in(folders) == Paths{x, z, a});
}
