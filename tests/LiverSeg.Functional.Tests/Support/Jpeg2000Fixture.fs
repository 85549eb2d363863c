/// JPEG 2000 streams of one picture, made by opj_compress 2.5.0 of the pixels below.
module LiverSeg.Functional.Tests.Jpeg2000Fixture

open System
open System.Diagnostics
open System.IO
open LiverSeg.Functional.Tests.Folders

let private encoder = "/usr/bin/opj_compress"

let canEncode = File.Exists encoder

/// Signed 16-bit pixels as a lossless stream, by the encoder of OpenJPEG's own tools.
let encode (columns: int) (rows: int) (pixels: uint16[]) =
    inFolder (fun path ->
        File.WriteAllBytes(path "a.rawl", pixels |> Array.collect BitConverter.GetBytes)

        let info =
            ProcessStartInfo(
                encoder,
                [
                    "-i"
                    path "a.rawl"
                    "-F"
                    $"{columns},{rows},1,16,s"
                    "-o"
                    path "a.j2k"
                    "-n"
                    "3"
                ],
                RedirectStandardOutput = true
            )

        use run = nonNull (Process.Start info)
        run.StandardOutput.ReadToEnd() |> ignore
        run.WaitForExit()
        File.ReadAllBytes(path "a.j2k"))

let columns, rows = 41, 27

/// Slopes, a flat disc and wild numbers on the right; a signed one lies 1024 lower.
let picture signed =
    [|
        for y in 0 .. rows - 1 do
            for x in 0 .. columns - 1 do
                let v =
                    if x > 30 then
                        (x * x * 37 + y * y * 91 + x * y * 13) % 4096
                    elif (x - 15) * (x - 15) + (y - 13) * (y - 13) < 90 then
                        1100 + (x * 7 + y * 3) % 5
                    else
                        200 + 3 * x + 2 * y

                if signed then v - 1024 else v
    |]

/// Unsigned, 12 bits.
let unsigned =
    Convert.FromBase64String(
        "/0//UQApAAAAAAApAAAAGwAAAAAAAAAAAAAAKQAAABsAAAAAAAAAAAABCwEB/1IADAAAAAEAAgQEAAH/XAAKQGBoaHBoaHD/ZAAlAAFDcmVhdGVkIGJ5IE9w"
        + "ZW5KUEVHIHZlcnNpb24gMi41LjD/kAAKAAAAAAQRAAH/k9/hyCayuHwCDt4QNtX4O/K3iZ+LzN1k/czLFO7h0NQHwcHfLYiwYkiGHFYgZpHKnAtGejXdHTlb"
        + "epZo6qRARktUvttIGsL+NcT6ac2/9z1uv2BA+MVT6I1Qn/3o+dL540N1nR0YHRvO2ffb1gJv690OGOXvg8/wtR/LDP9gC8CTNsQq/aKBdHxDWR277VWUjxH5"
        + "vVN3QrB4+c6fzjNt8bMaP59XeaGITE2LfKvYIOfIA1F/kZccY+/STtiH+0iSf/4VoLswQDSiZKScKFsm1653fLYlyuVQ/h88EmYGY8P7CJgr4KTF6J09MZjU"
        + "JhIGiE1aK+/TkxYGvhLl0i2TgY8cUOjnmX21H3wLhme/RYHr66P1W1Urwgfs3gTWn8PAWbwypK0jb1OoHmseG8njoyLbwDzJsUVx56g7Q4ZmfGZeUSGrY/SS"
        + "LezdEhnuGrg1ZdCeQBEKS9OUaFlU9A9LiuzYqqhamjCZX+gQdjobkESDIPQYBwGNAWCiVyEm5UB7af2em8W9BWmLf8ILvAlrE+MmGbGku3tjpc/xrz/G9P9g"
        + "FYBf3TliqneM/TcxNF12T5N1F3K0SXWpYXD73yyxNEgW4zQdoVGml9+q0rx4DhdpvkKHS2dbIJWhWxAmR9/ABLABZSvG97wD4RnzxY1C8Oy9FDUH/wFdkyZq"
        + "ouNhO2dF260pXJ4OdH/rGnDy5j9t8HnyXtNmvmw+HWzk679Og3R6YCwkQd3KEdLi8NBdz5nof/2TPlh3GNxc844QKF48oJmC6GvGgP73D1JcIxQLvC/r5dwW"
        + "gXw1HTweOniEPpc/hia6GWxSt8Ghz6wfAxKshlhnARFJUhRvf3r8cfCCyKTv0JB8M8VuX36BeLMiMSf+5cCbmReH9liwJePzM+pPQmli6A/U8a4Gv98mTTix"
        + "gZiy/wRjt8I+45/q3yjhnONAWG9OOJA3cKCkkRxxS7IjdRpU8TBiUTd+EKSpZYqUiMvaN3qMimbiDSU6fi1iEanumIFfI98qmcWLMuTUHuL02v7WqACaZwR9"
        + "GZucJebB81rkSg9UcluZVVUSzSeZUWqFQ6UDbMZJURXsqm9j6+0V2ozekgIctVWczGSMYbRVwYy00N5GBs7R6dfLnXtbPXHgBIou1Mcgv2axL/xLnXLsY7hD"
        + "txRNWygdaVk9i2r35D9w8xQLtphPfHYAJsXQVxSENHbkG2YieD4ElTUneVrJZrPGSHM6u8kT8UU6Bq4jxVcCeLBOyCO8KH0Oiv95ykmJcHmzOSQwsAAtAHSR"
        + "pUacoKlV5ilt5/j12+7qtVEM/F9Fbe/ToqZ9CtF3SweDDvEevHTHCLdAkiOur9gaVeoGX88zTssshZiVuXLZbEqAGaWB6Ff/2Q=="
    )

/// Signed, 16 bits.
let signed =
    Convert.FromBase64String(
        "/0//UQApAAAAAAApAAAAGwAAAAAAAAAAAAAAKQAAABsAAAAAAAAAAAABjwEB/1IADAAAAAEAAgQEAAH/XAAKQICIiJCIiJD/ZAAlAAFDcmVhdGVkIGJ5IE9w"
        + "ZW5KUEVHIHZlcnNpb24gMi41LjD/kAAKAAAAAAQSAAH/k8D+XAAmsoCz6KBtBVJogHvZneD/YYDMygeiffsNhs8sOMz9g4V17So94vpb8Z2A4gX/e6Js90HV"
        + "EhQBxSYeEZ6KT6GvUJsMcizZkaF6QHT8GsrXaMV9ZJAiGysivaVwbGjOaVRcZ0xU2AP0TDZXDYcMcvfBwP8FqA/lhgf+ALyTNsQq/aKBdHxDWR277VWUjxH5"
        + "vVN3QrB4+c6fzjNt8bMaP59XeaGITE2LfKvYIOfIA1F/kZccY+/STtiH+0iSf/4VoLswQDSiZKScKFsm1653fLYlyuVQ/h88EmYGY8P7CJgr4KTF6J09MZjU"
        + "JhIGiE1aK+/TkxYGvhLl0i2TgY8cUOjnmX21H3wLhme/RYHr66P1W1Urwgfs3gTWn8PAWbwypK0jb1OoHmseG8njoyLbwDzJsUVx56g7Q4ZmfGZeUSGrY/SS"
        + "LezdEhnuGrg1ZdCeQBEKS9OUaFlU9A9LiuzYqqhamjCZX+gQdjobkESDIPQYBwGNAWCiVyEm5UB7af2em8W9BWmLf8ILvAlrE+MmGbGku3tjpcD/DXgf43oH"
        + "/gFYX905Yqp3jP03MTRddk+TdRdytEl1qWFw+98ssTRIFuM0HaFRppffqtK8eA4Xab5Ch0tnWyCVoVsQJkffwASwAWUrxve8A+EZ88WNQvDsvRQ1B/8BXZMm"
        + "aqLjYTtnRdutKVyeDnR/6xpw8uY/bfB58l7TZr5sPh1s5Ou/ToN0emAsJEHdyhHS4vDQXc+Z6H/9kz5YdxjcXPOOEChePKCZguhrxoD+9w9SXCMUC7wv6+Xc"
        + "FoF8NR08Hjp4hD6XP4YmuhlsUrfBoc+sHwMSrIZYZwERSVIUb396/HHwgsik79CQfDPFbl9+gXizIjEn/uXAm5kXh/ZYsCXj8zPqT0JpYugP1PGuBr/fJk04"
        + "sYGYsv8EY7fCPuOf6t8o4ZzjQFhvTjiQN3CgpJEccUuyI3UaVPEwYlE3fhCkqWWKlIjL2jd6jIpm4g0lOn4tYhGp7piBXyPfKpnFizLk1B7i9Nr+1qgAmmcE"
        + "fRmbnCXmwfNa5EoPVHJbmVVVEs0nmVFqhUOlA2zGSVEV7KpvY+vtFdqM3pICHLVVnMxkjGG0VcGMtNDeRgbO0enXy517Wz1x4ASKLtTHIL9msS/8S51y7GO4"
        + "Q7cUTVsoHWlZPYtq9+Q/cPMUC7aYT3x2ACbF0FcUhDR25BtmIng+BJU1J3layWazxkhzOrvJE/FFOgauI8VXAniwTsgjvCh9Dor/ecpJiXB5szkkMLAALQB0"
        + "kaVGnKCpVeYpbef49dvu6rVRDPxfRW3v06KmfQrRd0sHgw7xHrx0xwi3QJIjrq/YGlXqBl/PM07LLIWYlbly2WxKgBmlgehX/9k="
    )

/// Signed, tiles of 16×16.
let tiled =
    Convert.FromBase64String(
        "/0//UQApAAAAAAApAAAAGwAAAAAAAAAAAAAAEAAAABAAAAAAAAAAAAABjwEB/1IADAAAAAEAAgQEAAH/XAAKQICIiJCIiJD/ZAAlAAFDcmVhdGVkIGJ5IE9w"
        + "ZW5KUEVHIHZlcnNpb24gMi41LjD/kAAKAAAAAADdAAH/k8B+wuART/ab+0x6wmSABmawm3lf9jpuVVsoB8AfmJwB+YjAH7CYGEFSAxgngvwlkmduomFIHE0c"
        + "tyDL+1DjxPL9b0ZBc3UV7iF/G8XanxpB1hSo3FNb52WMHF9EyMAfmRQB+ZBAH7EoMvqUXRY0BdU/mZXs6Do5NXsqsKQhiDkZgbon82qCuujbpy3JD/UI9Exj"
        + "jkpIXc4z4HS2IY9Sp+udopylo2EVWlF/JJlz9gqDntv7cXeNQlF1foJnou0+GNdJ0jc/wEWIkMObC50nf/+QAAoAAQAAAQ8AAf+TwH7C4BJRsl14JY7nAw8W"
        + "iY39YpivounafdVfwD9haAPzFYA/YVAiIFxceNo58Q3SeVs2y7ScoXBvX7dXEZotCRcP18z7MRdhD46LlLH812rzFgLvusRkmlO4kePCkk9gQBZc7jhXwP8C"
        + "6AfsZQH+DAA2faV2L4eZErv4yt7k+Ez1KT3QSqqkVoSI2oAz0EkESOAxRNzA3B2NB9sTQlGPDLRmJlcFqTe9lGQ6UJzsfVh3/CJwPsTNUDCwocIfOZou9H3y"
        + "DDee/MRSAG6/dkwf2n80x3pAGjjhKcKWyde0cL657D/qIhjZ0VYFqUpnXlbyazyKCoyQixg48JAC4h2NrY//kAAKAAIAAADrAAH/k8D+RMAUPLc8wwfxLyE1"
        + "nesnconl7znfwH8hsB/InAf4DRbgao7N70IuzXe1tOMXTHXp3diKBzIrp2YU4t5KFKffGprXyT4kG/rjwOjbb8D/Aygf4QIH/gAkEtnW1TBzK1xySSKnplAK"
        + "0q3JsDqqVqDqOjjSd5DCTSVppMy9iQJLS8cvozMMJOLTfNMonCJPbkC1+zf0cIe2UXDvPR6zU77/XeIJq+4hlVfQC954CqZd7UW3wb2Z7Bos40Sumdg8kY1r"
        + "ztNBYZSAEPB/A4YP6wM1Cn99D7OzOPw+17jf/5AACgADAAAApQAB/5PAfsJACOcKPYQbh0B8zQt4Mmyyj4U/wB+YdAH5h0AfsGgQjTaKpxrCy2F1kj6PbxXa"
        + "GgFY/aWMA/ArKlaLHiRAeWygcGDh3S0IUcAfmMwB+YpAH7CoIf2WnV/3OQiDNrhfalPxvAtlJL7D7vKcly3KekNvoRI0GNW5l2+PLNoeUAaWIC7QhiV/1uHU"
        + "yWeKa8ga3aguMsgs/5AACgAEAAAAwgAB/5PAfsJADjE/oiGQdi9gAnwqHGUWS45/wD9hGAPzEYA/YQAPYpC0zdkLm82XBZ6AhJrsWwtPqLsBsD2XHmqu6uXS"
        + "HYN/IXt61DwuCOZO+/esA7T6T8D/AhgH7DkB/gZANndYLLbSUYC5x9f8Z6xuOdRamXBthCP0j4TxIR8I39MnYS4xWkhL7Ky/I+8YUQs7517rD1Ifi7+HBDI9"
        + "n2FO16BE/Rihk/RpPG8k/N6B+nuZOZ9X7gH/kAAKAAUAAACvAAH/k8D+Q8AMaCe75qnlR5e4250BsG/A/wC4B+wdA/8ABAAOjnv6O7nd0B/MfwzJlpkOYzbV"
        + "1gs83KtHDjx+hqPO/ifA/wKYD+SGA/wGABGFVKv9g8swddqsYxo1LLOekpgWYVohEG2BtB/uQeX7AMcbcsam7pevEe/OE6qYXYo+Z1Yvt38n1b7LvT1bEcmr"
        + "yLhrxDrLhzcfEYRbwd36asnQj/9//9k="
    )

/// Unsigned, 16 bits: three layers, precincts, code blocks of 16×16, RPCL, markers before and after packets.
let layered =
    Convert.FromBase64String(
        "/0//UQApAAAAAAApAAAAGwAAAAAAAAAAAAAAKQAAABsAAAAAAAAAAAABDwEB/1IADwcCAAMAAgICAAEzRFX/XAAKQICIiJCIiJD/ZAAlAAFDcmVhdGVkIGJ5"
        + "IE9wZW5KUEVHIHZlcnNpb24gMi41LjD/kAAKAAAAAATmAAH/k/+RAAQAAN+peP+SJrKu3/uF2iUr/Ch+J6X6u8XcUXKDCc5uAhSDyLgCUXzm5WF5hDk0JDwm"
        + "ein6lNn/kQAEAAH9hWD/krxJVSKoPx0d/rr3wkG223V0sGeEkeepmxkSrz0AmuuXaldPvWAimmsKMQX/kQAEAALA/5L/kQAEAAPPyFz/khFQVGjh23o5IHna"
        + "LNI9jktvPM2M/oG//5EABAAE/YHg/5KxLRkmq/87yaJR0AUNWH//kQAEAAXA/5L/kQAEAAbAPgTgHwHQD4yg/5Iz3Wai1rtUDjagy3SAWZQCRhMeJr5kxmsW"
        + "/brf4tC9v96LuKutVCM7x37L+9O44MF+LOggpP+RAAQAB/2Ff2Fv0pD/ku4AeqXvpk816+41qbRo6pB8ykT30uyPkciDd5zz+R+31aB07aOK2Yl5U5kArltr"
        + "pp+UNj0RY9YMNXchSQIzTF/METxpRlj82UiuZarruiB0LMORSnjcWgzcA47z/SQkTiOGIKo+fLT3MbCcJROhNxe5AHBqE8tImTNaEwL/kQAEAAj0fo3wnP+S"
        + "CWhOR396f4ddrPlGGLCXgbiOg6fD4s/11yhf/5EABAAJwPmFwHxjIHzDAP+SMvT4sUHEG/HO8oQVZqhLFoukI3KOB3UaeodwbNoNz1lekuD/kQAEAAr94Z94"
        + "p9gU/5Iu7npPiw25Buje3oMJEHz2PnL2vG9lSUn7S3XT8x5GHx6WKNK7Wavg1GT/kQAEAAvBB8IY/5IAmev/kQAEAAzA+U/APhoYD4UQ/5Jf/EZZdkTvW84r"
        + "TAvU6IuB2KZkH9ze8eNaPDQO1ljEXd/lQ0oID6T3LnDjQ/Sns4O6JAOuuQXeZlT3QjYkYuBoXd/lQ2L8hRXhwiFWwzJvMZz/kQAEAA39Rx8pZ9qE/5KsOBlw"
        + "pE8g/p8BZilwVUVZC1sO2wWsb/XtSYPrPhzYUglMqUzS+YfU6PLxMtDbz7hI0YZKJUBhsXq1Tqm99l+FZRPEFayAskP5SK7nSJl3+evT4JbUVZw9QzOEVPtZ"
        + "o/8RbkUWglXUuvhBfnuLQxTIHxRcQgWYBPB/V77MFyiO9cC/mULqNmY1MzlAyi8xw7tZx+UWfOCnS8r2RQCW1yGldfEjjYlU/5EABAAO/DQ/IW/EjP+SeCYd"
        + "mwv4AJTwDhtiFIz9YE93gfm6fFybqJTZ+HoKLZcLk1YFtb+fMX+N2qAIQQYHiOP8MmhfrzHy10xKlO3TDRwtDpDjZQtsLbbBqcCfxrbUPaBieai7qGJ9dnMG"
        + "/e3ISGr7/vnluYLlinftJ3OAuD//kQAEAA/A+ZVA+VLA+wcA/5IS2dYVth/HrHpdt97brRTLwzsGfKFYVsnApAgzYXehGt9TKZBlxiABvR4oyfpzxqoASTVD"
        + "ojjFaphizYr24YlK/veTtzE5X/8cUkB++8yEA4YP7UzyQhLZk5Qy61KSsEUHU5vGqiirgDof3P+RAAQAEPzH/nVfYBD/kprpmoy1QMM3nFszkZalWg4+h1cd"
        + "1k5RbnRmZ2Xzzq10e3HQtPrECQPnsl8nJ2JWkDJnV5Y8mZUP0WaG2CkyuY4Iye4HSpwJyZVAP/+RAAQAEfyEPkLQAP+S30Zmdl886t30Zmdl89MGLRamhtgp"
        + "MrksdvHZA0mL9gLBMca6y7//2Q=="
    )

/// Unsigned, 12 bits, with the wavelet that loses.
let lossy =
    Convert.FromBase64String(
        "/0//UQApAAAAAAApAAAAGwAAAAAAAAAAAAAAKQAAABsAAAAAAAAAAAABCwEB/1IADAAAAAEAAgQEAAD/XAARQn9ScAVwBXBHd9N303di/2QAJQABQ3JlYXRl"
        + "ZCBieSBPcGVuSlBFRyB2ZXJzaW9uIDIuNS4w/5AACgAAAAADKQAB/5PH5LoRUBUl5nJnTJnZR/8hIKbgN8jEHuCYDvLlEnnA7BjgnAK2HyEaxUM9s3jMg2bv"
        + "q35wmqVwBcNYX/3le0/d1+cLQ7dl+zQtkpOBZbupIjJFalVWTI9TOd0P3LqxelfH4oMPuQp+h8CTNoBS0A/fQ9eAdCYq0rg0r31vaaFhkuvFbKtIa3Rcc8eQ"
        + "kA1OuKFiv4UfIrzdbNd9YVLIPD/nUrvUiw64yaxV8pgzwnDh80TuW+3rUl0153YrMhKpp34gbx9XvMn8Jep5zrV0SYguQfLf4OSeT4SaMjiNowGRaJJ21fvt"
        + "1o7Ggam3t5Q6DpH1FI3lYRDZeXqTW4bU8qI4cd3Xs1vGGTsHbWFcKAAMMwaQQyI2lPMkW58wIJrbfeB9xPU5kFTywo+Lx+NXR+NRx+NLAF/dOWKqJBZY/0d8"
        + "CvGyd0ohKGyqVEa/yc4AkAHVryGXiB6dUW7P80Ks1Lu2+vTk2ak8a087vPFfEDU9ngqQiRa2/lfx+0HS5AaM9OcdMrafnY5rxxnwLJwIb+XtZUaRfLqKWVN1"
        + "fQJm+95p8KB7RpF+kVw40jfFjED1aeno/pXE6F+VJWvvCZyEnLZ7aMtLeOLc4/H9EKaAJcQ8fMQuLawwdi+IJyikeIswDAybiXr8cfBrslkX4WV4VN4bRA9j"
        + "RCLedWax6AHNRQ0BCG1fAGF7hseJzHOzJxAJG7nsyeYLdZLgmeA5WpNJ6pG4J6woAIVr02tRfoGhIMFwtguY+FMiDLEheG1IFFgxbMyZMyyHSmrv6RrHP/Dp"
        + "1K5NuJd4pXg6iaZSzAiypLD0qZ4koFxX7SL3I9YS0eOCSSo+uI0WLWfRrNHv0tDxX4/Tys0kObVdvCUMPCP/hV85D4hqKAgkrGoZ1IO1LdDjxN/WSzAcYHKS"
        + "0oE7i+ukwyQh+ePPYApPUaeVcqt5w9+9tS9BLFKJD3sMpBwf/uQPkA9+ZdOXKyBvwxiJBu0LwyOgbhAe5b9hPoOt2AjvwvDU0eV1ZXINrdDlCHE5VqUFhTnO"
        + "n82s2EjuWRtt0L5cN12ijp7OaxeuAKCIZT7/2Q=="
    )

/// The first in the boxes of a JP2 file.
let boxed =
    Convert.FromBase64String(
        "AAAADGpQICANCocKAAAAFGZ0eXBqcDIgAAAAAGpwMiAAAAAtanAyaAAAABZpaGRyAAAAGwAAACkAAQsHAAAAAAAPY29scgEAAAAAABEAAASJanAyY/9P/1EA"
        + "KQAAAAAAKQAAABsAAAAAAAAAAAAAACkAAAAbAAAAAAAAAAAAAQsBAf9SAAwAAAABAAIEBAAB/1wACkBgaGhwaGhw/2QAJQABQ3JlYXRlZCBieSBPcGVuSlBF"
        + "RyB2ZXJzaW9uIDIuNS4w/5AACgAAAAAEEQAB/5Pf4cgmsrh8Ag7eEDbV+Dvyt4mfi8zdZP3MyxTu4dDUB8HB3y2IsGJIhhxWIGaRypwLRno13R05W3qWaOqk"
        + "QEZLVL7bSBrC/jXE+mnNv/c9br9gQPjFU+iNUJ/96PnS+eNDdZ0dGB0bztn329YCb+vdDhjl74PP8LUfywz/YAvAkzbEKv2igXR8Q1kdu+1VlI8R+b1Td0Kw"
        + "ePnOn84zbfGzGj+fV3mhiExNi3yr2CDnyANRf5GXHGPv0k7Yh/tIkn/+FaC7MEA0omSknChbJteud3y2JcrlUP4fPBJmBmPD+wiYK+CkxeidPTGY1CYSBohN"
        + "Wivv05MWBr4S5dItk4GPHFDo55l9tR98C4Znv0WB6+uj9VtVK8IH7N4E1p/DwFm8MqStI29TqB5rHhvJ46Mi28A8ybFFceeoO0OGZnxmXlEhq2P0ki3s3RIZ"
        + "7hq4NWXQnkARCkvTlGhZVPQPS4rs2KqoWpowmV/oEHY6G5BEgyD0GAcBjQFgolchJuVAe2n9npvFvQVpi3/CC7wJaxPjJhmxpLt7Y6XP8a8/xvT/YBWAX905"
        + "Yqp3jP03MTRddk+TdRdytEl1qWFw+98ssTRIFuM0HaFRppffqtK8eA4Xab5Ch0tnWyCVoVsQJkffwASwAWUrxve8A+EZ88WNQvDsvRQ1B/8BXZMmaqLjYTtn"
        + "RdutKVyeDnR/6xpw8uY/bfB58l7TZr5sPh1s5Ou/ToN0emAsJEHdyhHS4vDQXc+Z6H/9kz5YdxjcXPOOEChePKCZguhrxoD+9w9SXCMUC7wv6+XcFoF8NR08"
        + "Hjp4hD6XP4YmuhlsUrfBoc+sHwMSrIZYZwERSVIUb396/HHwgsik79CQfDPFbl9+gXizIjEn/uXAm5kXh/ZYsCXj8zPqT0JpYugP1PGuBr/fJk04sYGYsv8E"
        + "Y7fCPuOf6t8o4ZzjQFhvTjiQN3CgpJEccUuyI3UaVPEwYlE3fhCkqWWKlIjL2jd6jIpm4g0lOn4tYhGp7piBXyPfKpnFizLk1B7i9Nr+1qgAmmcEfRmbnCXm"
        + "wfNa5EoPVHJbmVVVEs0nmVFqhUOlA2zGSVEV7KpvY+vtFdqM3pICHLVVnMxkjGG0VcGMtNDeRgbO0enXy517Wz1x4ASKLtTHIL9msS/8S51y7GO4Q7cUTVso"
        + "HWlZPYtq9+Q/cPMUC7aYT3x2ACbF0FcUhDR25BtmIng+BJU1J3layWazxkhzOrvJE/FFOgauI8VXAniwTsgjvCh9Dor/ecpJiXB5szkkMLAALQB0kaVGnKCp"
        + "VeYpbef49dvu6rVRDPxfRW3v06KmfQrRd0sHgw7xHrx0xwi3QJIjrq/YGlXqBl/PM07LLIWYlbly2WxKgBmlgehX/9k="
    )
