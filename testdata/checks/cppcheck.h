/* SPDX-License-Identifier: MIT */
/* What cppcheck, which reads no system header, must know of jansson's. */
#define json_object_foreach(object, key, value) \
	for ((key) = "", (value) = (object); (value);)
#define json_array_foreach(array, index, value) \
	for ((index) = 0, (value) = (array); (value); (index)++)
