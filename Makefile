# 网格 wangge. `make` alone prints what there is. Everything below only calls scripts/ or the wangge command.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run test check format bench openapi wheel lock clean

ARGS ?=
PYTHON ?= python3
export PYTHON
IN := .venv/bin
DEV := sh scripts/set_up.sh --dev

help:
	@echo '网格 wangge —— 常用命令 · commands'
	@echo '  make run      准备并启动演示社区,打开 http://127.0.0.1:8141 · set up and serve the demo community'
	@echo '  make test     全部测试(数据库、浏览器) · every test; ARGS="tests/kernel -x" for some'
	@echo '  make check    格式、类型、分层、文档检查 · layout, types, layers, docs'
	@echo '  make format   自动整理格式 · mend the layout'
	@echo '  make setup    只做准备:.venv 和网页用的库 · only prepare'
	@echo '  make bench    测速 · measure'
	@echo '  make openapi  写出接口说明 · write the API description'
	@echo '  make wheel    打成可安装的包(用的人不需要 Node) · build the installable package'
	@echo '  make lock     更新依赖锁文件 · renew the lock files'
	@echo '  make clean    删除可以重建的东西;数据(var/)不动 · remove what can be rebuilt, never data'

setup:
	@sh scripts/set_up.sh

run: setup
	@exec $(IN)/wangge run --demo community $(ARGS)

test:
	@$(DEV)
	@$(IN)/python scripts/run_tests.py $(ARGS)

check:
	@$(DEV)
	@$(IN)/python scripts/check.py

format:
	@$(DEV)
	@$(IN)/ruff check -q --fix-only src tests scripts
	@$(IN)/ruff format src tests scripts

bench: setup
	@$(IN)/wangge bench $(ARGS)

openapi: setup
	@$(IN)/wangge openapi $(ARGS)

wheel: setup
	@$(IN)/python scripts/wheel.py

lock:
	@$(DEV)
	@$(IN)/python scripts/lock.py $(ARGS)

clean:
	@rm -rf .venv node_modules build dist src/wangge.egg-info src/wangge/web/static/lib src/wangge/web/static/built
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	@find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo '✓ 已清理,数据未动 · clean, data untouched'
