"""The bureau's figures of quality (质量统计): counted here once, shown as page, xlsx and PDF."""
