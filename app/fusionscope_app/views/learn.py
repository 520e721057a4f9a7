"""Learn: the lessons, each with its finding and the section of the paper."""

from fusionscope_app.learn.lesson_list import lesson_list

lesson_list()
