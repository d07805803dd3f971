"""What the pages that are made know beyond the code: Chinese, WeChat's errcodes, proofs."""
