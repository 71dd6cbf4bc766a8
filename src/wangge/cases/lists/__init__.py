"""Reading many cases: pages of a list, within the reader's reach, straight from SQL."""

from wangge.cases.lists.pages import CaseFilter, CaseLine, case_page

__all__ = ["CaseFilter", "CaseLine", "case_page"]
