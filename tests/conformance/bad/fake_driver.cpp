// An empty library by the name of a driver.
// SPDX-License-Identifier: Apache-2.0
