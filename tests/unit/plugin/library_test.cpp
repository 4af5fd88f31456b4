// Opens only what can be opened without ending the test; the rest is in tests/e2e.
// SPDX-License-Identifier: Apache-2.0
#include "plugin/library.hpp"

#include <doctest/doctest.h>

#include <string_view>

#include "elf_copy.hpp"
#include "error.hpp"
#include "temporary_folder.hpp"

using lmbench::plugin::open_plugin;
using lmbench::test::bad_plugin;
using lmbench::test::null_plugin;

namespace {

// Without the name of the file, which every sentence has in front.
std::string refusal_of(const std::string& name) {
  const std::string named = "'" + bad_plugin(name).string() + "' ";
  try {
    open_plugin(bad_plugin(name));
  } catch (const lmbench::Error& e) {
    CHECK(e.exit_code() == lmbench::ExitCode::engine_unusable);
    const std::string sentence = e.what();
    CHECK(sentence.substr(0, named.size()) == named);
    return sentence.substr(named.size());
  }
  return "";
}

}  // namespace

TEST_CASE("a plugin's descriptor says what it is, and is the same every time") {
  const lmbench::PluginDescriptor& descriptor = open_plugin(null_plugin());
  CHECK(std::string_view(descriptor.engine_name) == "null");
  CHECK(descriptor.abi_major == LMBENCH_ABI_MAJOR);
  CHECK(descriptor.capabilities == lmbench::kCapFixedLength);
  CHECK(&open_plugin(null_plugin()) == &descriptor);
}

TEST_CASE("a stripped plugin opens") {
  CHECK(std::string_view(
            open_plugin(LMBENCH_BINARY_DIR "/tests/stripped_plugin/null.so").engine_name) ==
        "null");
}

TEST_CASE("a library without our symbol is refused before its constructors run") {
  CHECK(refusal_of("no_symbol") ==
        "is not a plugin of lmbench: it does not export lmbench_plugin_v1");
}

TEST_CASE("a plugin of another ABI is refused with both versions, before its constructors run") {
  CHECK(refusal_of("other_major") ==
        "is a plugin of ABI 2, but this lmbench speaks ABI 1; rebuild it with the headers of this "
        "lmbench");
  CHECK(refusal_of("other_major_inside") == refusal_of("other_major"));
}

TEST_CASE("a descriptor that cannot be one is refused with what is wrong") {
  CHECK(refusal_of("function_for_descriptor") ==
        "exports lmbench_plugin_v1, but not as a PluginDescriptor");
  CHECK(refusal_of("wrong_magic") ==
        "has a descriptor that does not begin with the magic number of lmbench");
  CHECK(refusal_of("small_descriptor") == "has a descriptor of 56 bytes, and the ABI asks for 64");
  CHECK(refusal_of("no_name") ==
        "has a descriptor without its name, version, revision or toolchain");
  CHECK(refusal_of("no_create") == "has a descriptor without its create function");
}

TEST_CASE("a library or function that is missing is named when the plugin is opened") {
  const std::string library = refusal_of("missing_library");
  CHECK(library.find("cannot be loaded: libbad_absent_library.so: ") == 0);
  CHECK(refusal_of("missing_function") == "cannot be loaded: undefined symbol: function_of_nobody");
}

TEST_CASE("a file that is no library is refused") {
  const lmbench::test::TemporaryFolder folder;
  const auto file = folder.path() / "text.so";
  lmbench::test::write_bytes(file, "this is no library");
  CHECK_THROWS_WITH_AS(open_plugin(file),
                       ("'" + file.string() + "' is not an ELF file, so it is no plugin").c_str(),
                       lmbench::Error);
}
